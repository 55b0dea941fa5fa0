// The CommonJS build of web-tree-sitter. The worker is bundled as CommonJS; there the ES module build, which a plain import
// finds, fails at start because `import.meta.url` is empty. Types stand in treeSitter.d.cts.
module.exports = require("web-tree-sitter");
