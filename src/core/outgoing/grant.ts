import type { Disclosure } from "./disclosure";
import type { Purpose } from "./request";

/** A standing consent. It covers only the same origin, purpose and classes of files, and never an untrusted workspace. */
export interface Grant {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly endpoint: string;
  readonly origin: string;
  readonly purpose: Purpose;
  /** Classes of the files that were in the request it was given for: their extensions, lower case, `` for none. */
  readonly fileClasses: readonly string[];
  /** The conversation it holds for; null: all of this workspace. */
  readonly conversation: string | null;
}

/** Standing consents of this workspace; those of a conversation live as long as the window. */
export interface GrantStore {
  list(): readonly Grant[];
  /** Resolves once it will be there after a restart. */
  add(grant: Grant): Promise<void>;
  revoke(id: string): Promise<void>;
}

/** Classes of files in a disclosure: what a grant given for it covers. Sorted, each once. */
export function fileClassesOf({ files }: Pick<Disclosure, "files">): string[] {
  return [...new Set(files.map(({ path }) => classOf(path)))].sort();
}

/** The grant that already covers a disclosure, if one does. */
export function coveringGrant(grants: readonly Grant[], disclosure: Disclosure): Grant | undefined {
  const classes = fileClassesOf(disclosure);
  return grants.find((grant) =>
    grant.origin === disclosure.origin
    && grant.purpose === disclosure.purpose
    && (grant.conversation === null || grant.conversation === disclosure.conversation)
    && classes.every((one) => grant.fileClasses.includes(one)));
}

function classOf(path: string): string {
  const name = path.split("/").at(-1) ?? "";
  const dot = name.lastIndexOf(".");
  return dot > 0 ? name.slice(dot).toLowerCase() : "";
}
