import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** A small git repository of its own in a temporary folder, untouched by the machine's git settings. */
export interface GitHistory {
  readonly folder: string;
  /** Writes files (null deletes one) and commits everything. */
  commit(files: Readonly<Record<string, string | null>>): void;
  /** Forgets all commits; the files stay. */
  restart(): void;
  dispose(): void;
}

const environment = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1", GIT_AUTHOR_NAME: "a", GIT_AUTHOR_EMAIL: "a@b", GIT_COMMITTER_NAME: "a", GIT_COMMITTER_EMAIL: "a@b" };

/** Needs `git` on the path. Whoever makes a history disposes of it. */
export function createGitHistory(): GitHistory {
  const folder = realpathSync.native(mkdtempSync(path.join(tmpdir(), "ghostlight-history-")));
  const git = (...args: string[]): void => { execFileSync("git", args, { cwd: folder, env: environment, stdio: "pipe" }); };
  git("init", "--quiet");
  return {
    folder,
    commit(files) {
      for (const [name, text] of Object.entries(files)) {
        const file = path.join(folder, name);
        mkdirSync(path.dirname(file), { recursive: true });
        if (text === null) rmSync(file);
        else writeFileSync(file, text);
      }
      git("add", "--all");
      git("commit", "--quiet", "-m", "change");
    },
    restart() {
      rmSync(path.join(folder, ".git"), { recursive: true });
      git("init", "--quiet");
    },
    dispose: () => { rmSync(folder, { recursive: true, force: true }); },
  };
}
