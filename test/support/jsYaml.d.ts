declare module "js-yaml" {
  /** Parses one document of YAML 1.2; throws for anything else. */
  export function load(text: string): unknown;
}
