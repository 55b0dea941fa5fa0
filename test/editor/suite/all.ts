import "./activation.test";
import "./commands.test";
import "./inlineCompletion.test";
import "./settings.test";
