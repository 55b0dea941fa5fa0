import assert from "node:assert/strict";
import fc from "fast-check";
import { createSecretRules } from "../../../../src/services/outgoing/secretRules";
import { plantedSecrets } from "../../../support/plantedSecrets";

const signal = new AbortController().signal;
const rules = createSecretRules();

/** The text with each finding as `‹›`, overlapping ones once. */
async function masked(text: string): Promise<string> {
  const findings = [...(await rules.find(text, signal))].sort((a, b) => a.start - b.start || b.end - a.end);
  let written = "";
  let done = 0;
  for (const { start, end } of findings) {
    if (start >= done) written += `${text.slice(done, start)}‹›`;
    done = Math.max(done, end);
  }
  return written + text.slice(done);
}

function secret(kind: string): string {
  const found = plantedSecrets("rules").find((one) => one.kind === kind);
  assert.ok(found, kind);
  return found.value;
}

describe("secret rules: what else than a name and a value", () => {
  const token = secret("GitHub token");
  const hex = secret("hexadecimal API key");
  const cases: readonly (readonly [text: string, expected: string])[] = [
    [`// secretlint-disable\nconst a = '${token}';\n`, "// secretlint-disable\nconst a = '‹›';\n"],
    [`/* secretlint-disable-line */ a('${token}');`, "/* secretlint-disable-line */ a('‹›');"],
    [`aws_secret_access_key = "${secret("AWS secret key")}"`, "aws_secret_access_key = \"‹›\""],
    [`${secret("AWS key id")}\n${secret("AWS secret key")}\n`, "‹›\n‹›\n"],
    // Only the preset knows that this token may hold underscores.
    [`run('np${"m_"}${"aB3_".repeat(9)}')`, "run('‹›')"],
    [`git clone https://${token}@github.com/shop/shop.git`, "git clone https://‹›@github.com/shop/shop.git"],
    [`git clone https://${hex}:x-oauth-basic@github.com/shop/shop.git`, "git clone https://‹›:x-oauth-basic@github.com/shop/shop.git"],
    ["redis://:Kx7pl0vqqq@cache:6379/0", "redis://:‹›@cache:6379/0"],
    ["amqp://shop:Kx7pl0v%2Fq@mq/vhost", "amqp://shop:‹›@mq/vhost"],
    ["jdbc:postgresql://db/shop?user=shop&password=Kx7pl0vq", "jdbc:postgresql://db/shop?user=shop&password=‹›"],
    ["Server=db;User Id=sa;Password=Kx7!pl0v;Encrypt=true", "Server=db;User Id=sa;Password=‹›;Encrypt=true"],
    [`curl -H "X-Api-Key: ${hex}" https://api.example.com`, "curl -H \"X-Api-Key: ‹›\" https://api.example.com"],
    ["curl -s -u shop:Kx7pl0vq https://api.example.com", "curl -s -u shop:‹› https://api.example.com"],
    ["mysql -h db -u shop -pKx7pl0vq shop", "mysql -h db -u shop -p‹› shop"],
    [`tool login --token ${hex} --level 3`, "tool login --token ‹› --level 3"],
    [`//registry.example.com/:_authToken=${hex}`, "//registry.example.com/:_authToken=‹›"],
    [`[pypi]\nusername = __token__\npassword = ${secret("PyPI token")}`, "[pypi]\nusername = __token__\npassword = ‹›"],
    ["machine api.example.com login shop password Kx7pl0vq", "machine api.example.com login shop password ‹›"],
    ["CREATE USER shop IDENTIFIED BY 'Kx7pl0vq';", "CREATE USER shop IDENTIFIED BY '‹›';"],
    ["if (password === \"Kx7pl0vq\") open();", "if (password === \"‹›\") open();"],
    ["login(\"shop\", password=\"Kx7pl0vq\")", "login(\"shop\", password=\"‹›\")"],
    ["fetchToken({ clientSecret:\n      \"q9XkT7mWv2LpZr4N\" })", "fetchToken({ clientSecret:\n      \"‹›\" })"],
    [`url = "https://a.blob.example.net/x?sv=2020&sig=${"Ab3%2F".repeat(8)}%3D&se=1"`, "url = \"https://a.blob.example.net/x?sv=2020&sig=‹›&se=1\""],
    [`{"data": {"password": "${Buffer.from("Kx7pl0vqqq").toString("base64")}"}}`, "{\"data\": {\"password\": \"‹›\"}}"],
    [`hash: shop:$2y${"$10$"}${"Ab3./xYz".repeat(7).slice(0, 53)}`, "hash: shop:‹›"],
  ];
  for (const [text, expected] of cases) it(expected.replaceAll("\n", "⏎"), async () => assert.equal(await masked(text), expected));
});

describe("secret rules: keys cut by a window", () => {
  const { value, core } = plantedSecrets("cut").find(({ kind }) => kind === "private key") ?? { value: "", core: "" };
  const lines = value.split("\n");
  const middle = core.split("\n");

  it("a beginning without its end", async () => {
    const text = await masked(`const key = \`${lines.slice(0, 6).join("\n")}`);
    assert.ok(middle.every((line) => !text.includes(line.slice(0, 20))), text);
  });
  it("an end without its beginning", async () => {
    const text = await masked(`${lines.slice(5).join("\n")}\`;\nconst next = 1;\n`);
    assert.ok(middle.every((line) => !text.includes(line.slice(0, 20))), text);
    assert.ok(text.endsWith("`;\nconst next = 1;\n"));
  });
  it("lines from its middle", async () => assert.equal(await masked(`${lines.slice(3, 9).join("\n")}\n`), "‹›"));
  it("in one line with its breaks escaped, and cut there", async () => {
    const escaped = lines.join("\\n");
    assert.equal(await masked(`{"key": "${escaped}", "next": 1}`), "{\"key\": \"‹›\", \"next\": 1}");
    for (const text of [await masked(`{"key": "${escaped.slice(0, 500)}`), await masked(`${escaped.slice(300)}", "next": 1}`)]) {
      assert.ok(middle.every((line) => !text.includes(line.slice(20, 40))), text);
    }
  });
  it("joined from strings, in comments, indented", async () => {
    for (const text of [lines.map((line) => `  "${line}\\n" +`).join("\n"), lines.map((line) => `# ${line}`).join("\n"), lines.map((line) => `\t\t${line}`).join("\r\n")]) {
      for (const part of [text, text.slice(0, text.length / 2), text.slice(text.length / 2)]) {
        const sent = await masked(part);
        assert.ok(middle.every((line) => !sent.includes(line.slice(20, 50))), sent);
      }
    }
  });
});

describe("secret rules: what is no secret", () => {
  const harmless = [
    "\"integrity\": \"sha512-9uLmJ3vP0m8m3Q1s7m9p0b1H2wKz4bqvKqWn8Z5uQm0pQn3m7c9r1x2y3z4A5B6C7D8E9F0a1b2c3d4e5f6g==\"",
    "\"resolved\": \"https://packages.example.com/left-pad/-/left-pad-1.3.0.tgz\"", "id: 3f2b8c1e-7a4d-4e9b-9c55-1f0a2b3c4d5e", "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
    "password: \"changeme\"", "password: \"password123\"", "apiKey: \"<your-api-key-123>\"", "API_KEY=xxxxxxxx-1234-xxxx", "password = \"${env1}\"", "API_KEY=your-api-key-here", "apiKey: process.env.API_KEY", "password = os.environ['DB_PASSWORD']", "token: ${{ secrets.GITHUB_TOKEN }}", "TOKEN=$(cat token.txt)",
    "const password = getPassword(user);", "password: string;", "token?: string | undefined", "readonly secret: Uint8Array;", "maxTokens: 1500, tokens: 32768", "\"tokenizer\": \"cl100k_base\"",
    "postgres://postgres:postgres@localhost:5432/test", "https://user:password@example.com", "postgres://${USER}:${PASSWORD}@${HOST}/shop", "http://localhost:8080/path@v2", "mailto:shop@example.com", "import x from \"https://esm.example.com/react@18.2.0\"",
    "Authorization: Bearer ${token}", "Authorization: `Bearer ${await token()}`", "headers.set('Authorization', header)", "grant_type: \"client_credentials\"", "tokenEndpointAuthMethod: 'client_secret_basic'",
    "<input type=\"password\" id=\"password-field\">", "label: \"Password must have at least 8 characters\"", "t(\"login.password.placeholder2\")", "secretKeyRef: { name: shop-secrets, key: db-password }", "public_key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGx3'",
    "onKeyDown={(event) => event.key === \"ArrowDown\"}", "const key = `${row}-${column}`;", "primaryKey: \"user_account_id2\"", "algorithm: \"aes-256-gcm\"", "keywords: [\"token\", \"oauth2\"]", "sha256: \"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"",
    "export const SECRET_NAMES = [\"id_rsa\", \"server.key\"];", "password = null", "if (!token) throw new Error(\"token is missing\");", "--token <token>  the token to use", "passwd: /etc/passwd",
  ];
  for (const text of harmless) it(text.slice(0, 80), async () => assert.equal(await masked(text), text));
});

describe("secret rules: time", () => {
  it("no text makes them slow", async () => {
    const pieces = ["a", "=", "password", "token: ", "\"", "\\", "eyJ", ".", "-----BEGIN PRIVATE KEY-----", "\n", " ", "postgres://", ":", "@", "AKIA", "aws", "A1b2", "<key>", "sk-", "Authorization: ", "curl ", "/", "xoxb-", "_auth", "key(", "0"];
    const check = async (text: string): Promise<void> => {
      const long = text.repeat(Math.ceil(32_768 / text.length));
      const started = performance.now();
      await rules.find(long, signal);
      const took = performance.now() - started;
      assert.ok(took < 1_500, `${String(took)} ms for ${JSON.stringify(text)}`);
    };
    // Those that were slow once.
    for (const text of ["-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----_auth", "M/password "]) await check(text);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 4 }), async (unit) => check(unit.join(""))),
      { numRuns: process.env["GHOSTLIGHT_FULL"] === "1" ? 2_000 : 150, seed: 4 },
    );
  }).timeout(120_000);
});
