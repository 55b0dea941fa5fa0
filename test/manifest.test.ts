import { strict as assert } from "node:assert";
import { existsSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { SETTINGS, USER_ONLY_SETTINGS } from "../src/core/settings/settings.js";
import { mentionedCommands, registeredCommands } from "./support/architecture/commands.js";
import { projectFiles, readProjectBytes, readProjectFile, root, sourcePaths } from "./support/sourceTree.js";

interface Setting {
  readonly scope?: string;
  readonly default?: unknown;
  readonly description?: string;
  readonly markdownDescription?: string;
}

interface Manifest {
  readonly version: string;
  readonly icon: string;
  readonly engines: Record<string, string>;
  readonly scripts: Record<string, string>;
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
  readonly extensionKind: readonly string[];
  readonly activationEvents?: readonly string[];
  readonly enabledApiProposals?: readonly string[];
  readonly capabilities: {
    readonly untrustedWorkspaces: { readonly supported: unknown; readonly description?: string; readonly restrictedConfigurations?: readonly string[] };
    readonly virtualWorkspaces: { readonly supported: unknown; readonly description?: string };
  };
  readonly contributes: {
    readonly configuration: { readonly properties: Record<string, Setting> } | readonly { readonly properties: Record<string, Setting> }[];
    readonly commands: readonly { readonly command: string; readonly title: string }[];
    readonly keybindings?: readonly { readonly command: string }[];
    readonly menus?: Record<string, readonly { readonly command?: string }[]>;
  };
}

const manifest = JSON.parse(readProjectFile("package.json")) as Manifest;
const lock = JSON.parse(readProjectFile("package-lock.json")) as { packages: Record<string, { version?: string; resolved?: string; optional?: boolean }> };

/** The settings of the first release, as users know them. */
const keys = [
  "ghostlight.chat.model", "ghostlight.completion.enabled", "ghostlight.completion.model", "ghostlight.completion.preset",
  "ghostlight.engine.contextSize", "ghostlight.engine.runtime", "ghostlight.engine.threads",
];

/** Settings that could redirect code, start something or cost the machine, if a workspace could set them. */
const powerful = /^ghostlight\.(?:engine\..*|.*(?:model|path|host|url|endpoint|origin|command|arguments|executable|binary|template|header|key|token|proxy))$/i;

describe("package.json: settings", () => {
  it("has exactly the settings that the code reads", () => {
    const read = Object.values(SETTINGS).map(({ key }) => `ghostlight.${key}`).sort();
    assert.deepEqual(Object.keys(settingsOf(manifest)).sort(), read);
  });

  it("has every setting of the first release", () => {
    for (const key of keys) assert.ok(key in settingsOf(manifest), key);
  });

  for (const { key, fallback } of Object.values(SETTINGS)) {
    it(`gives ${key} the default of the code and words for the user`, () => {
      const setting = settingsOf(manifest)[`ghostlight.${key}`];
      assert.deepEqual(setting?.default, fallback);
      assert.ok((setting?.description ?? setting?.markdownDescription ?? "").length > 20);
    });
  }

  it("lets no workspace name a path, a runtime or a cost", () => {
    assert.deepEqual(openSettings(manifest), []);
  });

  it("lets no workspace set what the code reads from user values only", () => {
    const shut = closedSettings(manifest);
    for (const name of USER_ONLY_SETTINGS) assert.ok(shut.includes(`ghostlight.${SETTINGS[name].key}`), name);
  });

  it("is read in one place, and nothing else configures it: no environment variable, no file of a repository", () => {
    const sources = sourcePaths().filter((file) => file.startsWith("src/"));
    const holding = (pattern: RegExp) => sources.filter((file) => pattern.test(readProjectFile(file)));
    assert.deepEqual(holding(/getConfiguration\((["'`])ghostlight[^)]*\)(?!\.update\()/), ["src/editor/settings.ts"]);
    // The PATH, to find Node, and what the child process inherits; where Windows keeps the machine's policy, which can only forbid; where other programs keep model files; what the library is told of Metal's devices, which is written and not read.
    assert.deepEqual(holding(/process\.env\b/).filter((file) => !file.startsWith("src/services/engine/")), ["src/editor/outgoing/outgoing.ts", "src/engine/llamaRuntime.ts", "src/services/index/workspaceExclusions.ts", "src/services/models/modelPlaces.ts", "src/services/outgoing/policyFiles.ts"]);
    assert.deepEqual(holding(/devcontainer|ghostlightrc|\.env["'`]\)/), []);
  });

  for (const key of keys.filter((name) => powerful.test(name))) {
    it(`would notice ${key} with a workspace scope, or unrestricted`, () => {
      assert.deepEqual(openSettings(changed((draft) => { settingsOf(draft)[key] = { ...settingsOf(draft)[key], scope: "resource" }; })), [key]);
      assert.deepEqual(openSettings(changed((draft) => { settingsOf(draft)[key] = { default: "" }; })), [key]);
      assert.deepEqual(openSettings(changed((draft) => {
        const { untrustedWorkspaces } = draft.capabilities as { untrustedWorkspaces: { restrictedConfigurations?: string[] } };
        untrustedWorkspaces.restrictedConfigurations = untrustedWorkspaces.restrictedConfigurations?.filter((name) => name !== key);
      })), [key]);
    });
  }

  it("would notice a new setting with a telling name", () => {
    assert.deepEqual(openSettings(changed((draft) => { settingsOf(draft)["ghostlight.cloud.endpoint"] = { scope: "window" }; })), ["ghostlight.cloud.endpoint"]);
  });
});

describe("package.json: commands", () => {
  const files = sourcePaths().filter((file) => file.startsWith("src/")).map((path) => ({ path, text: readProjectFile(path) }));
  const contributed = () => manifest.contributes.commands.map(({ command }) => command).sort();

  /** Run by an accepted item of ghost text, never by a person: no palette lists what is not contributed. */
  const internal = ["ghostlight.accepted"];

  it("contributes exactly the commands that the code registers for people", () => {
    assert.deepEqual([...contributed(), ...internal].sort(), registeredCommands(files));
  });

  it("names no command in a menu or key binding that it does not contribute", () => {
    const menus = Object.values(manifest.contributes.menus ?? {}).flat().flatMap(({ command }) => (command === undefined ? [] : [command]));
    const bound = (manifest.contributes.keybindings ?? []).map(({ command }) => command);
    for (const command of [...menus, ...bound]) {
      if (command.startsWith("ghostlight.")) assert.ok(contributed().includes(command), command);
    }
  });

  it("finds a command id that is given as a constant or an object's member", () => {
    const text = 'const OPEN = "ghostlight.open"; const ids = { stop: "ghostlight.stop" } as const; commands.registerCommand(OPEN, f); registerCommand(ids.stop, f); commands.registerTextEditorCommand("ghostlight.insert", f);';
    assert.deepEqual(registeredCommands([{ path: "src/editor/a.ts", text }]), ["ghostlight.insert", "ghostlight.open", "ghostlight.stop"]);
    assert.deepEqual(mentionedCommands([{ path: "src/editor/a.ts", text }]), ["ghostlight.insert", "ghostlight.open", "ghostlight.stop"]);
  });
});

describe("package.json: the host", () => {
  it("runs beside the window or the workspace, from VS Code 1.99 on", () => {
    assert.deepEqual(manifest.extensionKind, ["ui", "workspace"]);
    assert.equal(manifest.engines["vscode"], "^1.99.0");
    assert.ok(manifest.devDependencies["@types/vscode"]?.startsWith("1.99."));
  });

  it("is not started by everything, and needs no proposed API", () => {
    assert.ok(!(manifest.activationEvents ?? []).includes("*"));
    assert.deepEqual(manifest.enabledApiProposals ?? [], []);
  });

  it("says what it does in workspaces that are not trusted, or not on disk", () => {
    const { untrustedWorkspaces, virtualWorkspaces } = manifest.capabilities;
    assert.equal(untrustedWorkspaces.supported, "limited");
    assert.equal(virtualWorkspaces.supported, "limited");
    assert.ok(untrustedWorkspaces.description && virtualWorkspaces.description);
  });

  it("has an icon of 128 pixels or more", () => {
    const png = readPng(manifest.icon);
    assert.ok(png.width >= 128 && png.width === png.height, JSON.stringify(png));
  });
});

describe("package.json and its lock: what is installed", () => {
  it("runs nothing when it is installed", () => {
    for (const name of ["preinstall", "install", "postinstall", "prepare", "prepublish", "vscode:uninstall"]) assert.equal(manifest.scripts[name], undefined, name);
  });

  it("pins every package to one version", () => {
    for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) assert.match(version, /^\d+\.\d+\.\d+$/, name);
  });

  it("records no download address", () => {
    assert.deepEqual(Object.entries(lock.packages).filter(([, entry]) => entry.resolved !== undefined).map(([name]) => name), []);
    assert.doesNotMatch(readProjectFile("package-lock.json"), /https?:\/\/[^"]*\.tgz/);
  });

  for (const platform of ["linux-x64", "linux-arm64", "mac-arm64-metal", "mac-x64", "win-x64", "win-arm64"]) {
    it(`holds the engine's binaries for ${platform}`, () => {
      const entry = lock.packages[`node_modules/@node-llama-cpp/${platform}`];
      assert.equal(entry?.version, manifest.dependencies["node-llama-cpp"]);
      assert.equal(entry?.optional, true);
    });
  }
});

describe("the project's files", () => {
  const texts = projectFiles().filter((file) => !/\.(png|gguf|wasm|bin|woff2?|ttf)$/.test(file));

  it("name no package registry", () => {
    assert.deepEqual(containing(texts, registries()), []);
  });

  it("name no path of the machine they were written on", () => {
    const places = [root, os.homedir()].filter((place) => place.split(/[\\/]/).filter(Boolean).length >= 2).map((place) => `${place}/`);
    assert.deepEqual(containing(texts, places), []);
  });

  for (const page of ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "models/starter/CARD.md"]) {
    it(`${page} links only to what is there`, () => {
      const targets = [...readProjectFile(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)].map(([, target = ""]) => path.posix.join(path.posix.dirname(page), target));
      assert.deepEqual(targets.filter((target) => !existsSync(path.join(root, target))), []);
    });
  }

  it("would be noticed", () => {
    assert.ok(registries().every((host) => /^[a-z0-9.-]+$/.test(host) && host.includes(".")));
    assert.deepEqual(containing(["package.json"], ["\"name\": \"ghostlight\""]), ["package.json: \"name\": \"ghostlight\""]);
  });
});

function settingsOf(of: Manifest): Record<string, Setting> {
  const { configuration } = of.contributes;
  if (!Array.isArray(configuration)) return (configuration as { properties: Record<string, Setting> }).properties;
  const sections = configuration as readonly { readonly properties: Record<string, Setting> }[];
  return Object.assign({}, ...sections.map((section) => section.properties)) as Record<string, Setting>;
}

/** Settings that a workspace cannot set: the scope forbids it, and Restricted Mode ignores them as well. */
function closedSettings(of: Manifest): string[] {
  const restricted = of.capabilities.untrustedWorkspaces.restrictedConfigurations ?? [];
  return Object.entries(settingsOf(of))
    .filter(([key, { scope }]) => (scope === "machine" || scope === "application") && restricted.includes(key))
    .map(([key]) => key);
}

/** Settings with power that a workspace could set. */
function openSettings(of: Manifest): string[] {
  const closed = closedSettings(of);
  return Object.keys(settingsOf(of)).filter((key) => powerful.test(key) && !closed.includes(key));
}

function changed(change: (draft: Manifest) => void): Manifest {
  const draft = structuredClone(manifest);
  change(draft);
  return draft;
}

/** Width and height stand at fixed places in the header of a PNG. */
function readPng(file: string): { width: number; height: number } {
  const bytes = readProjectBytes(file);
  assert.equal(bytes.toString("latin1", 1, 4), "PNG");
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

/** Hosts that packages come from: the public ones, and the one that this machine is set to. Built from parts, or this file would name them. */
function registries(): string[] {
  const configured = process.env["npm_config_registry"];
  const hosts = [["registry", "npmjs", "org"], ["registry", "yarnpkg", "com"], ["registry", "npmmirror", "com"], ["npm", "pkg", "github", "com"]].map((parts) => parts.join("."));
  return configured === undefined ? hosts : [...hosts, new URL(configured).hostname].filter((host, index, all) => host.includes(".") && all.indexOf(host) === index);
}

function containing(files: readonly string[], needles: readonly string[]): string[] {
  return files.flatMap((file) => {
    const text = readProjectFile(file);
    return needles.filter((needle) => text.includes(needle)).map((needle) => `${file}: ${needle}`);
  });
}
