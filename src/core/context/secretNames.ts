/**
 * Names of files that hold secrets. Matched without regard to case against a path's parts.
 * Better one harmless file too many than one key in a prompt: a person's own rules cannot let these back in.
 */

/** Folders whose whole content is kept out. */
const SECRET_FOLDERS: ReadonlySet<string> = new Set([".ssh", ".gnupg", ".aws", ".azure", ".kube", ".gcloud", ".docker", ".password-store", ".vault", ".terraform"]);

/** Whole file names. */
const SECRET_FILES: ReadonlySet<string> = new Set([
  ".envrc", ".npmrc", ".yarnrc", ".yarnrc.yml", ".pypirc", ".netrc", "_netrc", ".pgpass", "pgpass.conf", ".my.cnf", ".mylogin.cnf",
  ".dockercfg", ".dockerconfigjson", ".htpasswd", ".git-credentials", ".gitcredentials", ".s3cfg", ".boto", "rclone.conf", ".passwd", "passwd",
  "shadow", ".terraformrc", "terraform.rc", ".vault-token", ".vault_pass", ".vault_pass.txt", "vault_pass.txt", "vault-password", "master.key",
  ".dev.vars", "local.settings.json", "wp-config.php", "auth.json", ".token", "token", "token.txt", "token.json", "api_key", "apikey", "api_key.txt",
  "kubeconfig", "application_default_credentials.json", "client_secret.json", "service-account.json", "service_account.json", "serviceaccount.json",
  "accesstokens.json", "azureprofile.json", "publishsettings", ".bash_history", ".zsh_history", ".psql_history", ".mysql_history", ".sqlite_history",
  ".python_history", ".node_repl_history", ".irb_history", ".lesshst", ".cargo-credentials", ".gem-credentials", ".credentials", "credentials",
]);

/** Endings of files that are keys, certificates, key stores or sealed data. */
const SECRET_ENDINGS: readonly string[] = [
  ".pem", ".key", ".p12", ".pfx", ".p8", ".p7b", ".p7c", ".pkcs12", ".crt", ".cer", ".der", ".csr", ".jks", ".jceks", ".keystore", ".truststore", ".bks",
  ".kdb", ".kdbx", ".ppk", ".asc", ".gpg", ".pgp", ".age", ".agekey", ".keytab", ".ovpn", ".kubeconfig", ".tfstate", ".tfstate.backup", ".tfvars",
  ".tfvars.json", ".mobileprovision", ".provisionprofile", ".publishsettings", ".env", ".token", ".secret", ".secrets", ".private", ".jwk", ".jwks",
];

const SECRET_PATTERNS: readonly RegExp[] = [
  /^\.env([._-].*)?$/, // .env, .env.local, .env.production
  /^(.*[._-])?id_(rsa|dsa|ecdsa|ed25519)(_sk)?([._-].*)?$/,
  /[._-](rsa|dsa|ecdsa|ed25519)$/,
  /^kubeconfig([._-].*)?$/,
  // Data files about credentials; source files such as `credentials.ts` stay.
  /^(.*[._-])?(credentials?|secrets?|passwords?|api[_-]?keys?)([._-].*)?\.(json|jsonc|ya?ml|toml|ini|cfg|conf|properties|txt|csv|tsv|xml|plist|enc|db|sqlite)$/,
  /^(.*[._-])?(client_secret|service[_-]?account)s?([._-].*)?\.json$/,
];

/** Whether a path (with `/`) names a secret by its file name or one of its folders. */
export function isSecretName(path: string): boolean {
  const parts = path.toLowerCase().split("/");
  const name = parts.pop() ?? "";
  if (parts.some((part) => SECRET_FOLDERS.has(part))) return true;
  if (SECRET_FILES.has(name) || SECRET_ENDINGS.some((ending) => name.endsWith(ending))) return true;
  return SECRET_PATTERNS.some((pattern) => pattern.test(name));
}
