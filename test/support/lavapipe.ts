import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const root = path.resolve(__dirname, "../..");
const DRIVERS = "/usr/share/vulkan/icd.d";
const BINARY = path.join(root, "node_modules/@node-llama-cpp/linux-x64-vulkan");

/** How the driver in between misbehaves. */
export type Misbehaviour = "submitAborts" | "submitHangs" | "deviceLost" | "noMemory" | "deviceAborts" | "instanceHangs";

/** Mesa's Vulkan driver that computes on the processor: a real driver where there is no GPU. */
export class Lavapipe {
  readonly #manifest = existsSync(DRIVERS) ? readdirSync(DRIVERS).filter((name) => /^lvp_icd.*\.json$/.test(name)).map((name) => path.join(DRIVERS, name))[0] : undefined;
  readonly #before = { ...process.env };
  #folder = "";

  /** Why it cannot be used on this machine. */
  get missing(): string | undefined {
    if (!existsSync(BINARY)) return "the library's Vulkan binary is not installed";
    if (this.#manifest !== undefined && spawnSync("cc", ["--version"], { stdio: "ignore" }).status !== 0) return "a C compiler is missing (Debian: gcc, libc6-dev)";
    return this.#manifest === undefined ? "lavapipe is not installed (Debian: mesa-vulkan-drivers, libvulkan1)" : undefined;
  }

  /** Processes started from now on see this driver only, and the library takes it although it is no GPU. */
  use(): void {
    Object.assign(process.env, { VK_ICD_FILENAMES: this.#manifest, GGML_VK_VISIBLE_DEVICES: "0" });
  }

  /** The same with a driver in between that misbehaves from the `after`th call on; false without a C compiler. */
  useBad(how: Misbehaviour, after = 1): boolean {
    const manifest = this.#folder === "" ? this.#compile() : path.join(this.#folder, "driver.json");
    if (manifest === undefined) return false;
    rmSync(this.#hanging, { force: true });
    Object.assign(process.env, { VK_ICD_FILENAMES: manifest, GGML_VK_VISIBLE_DEVICES: "0", GHOSTLIGHT_TEST_DRIVER: how, GHOSTLIGHT_TEST_AFTER: String(after), GHOSTLIGHT_TEST_LAVAPIPE: this.#library(), GHOSTLIGHT_TEST_HANGING: this.#hanging });
    return true;
  }

  /** The environment as it was; what was compiled is gone. */
  dispose(): void {
    process.env = { ...this.#before };
    if (this.#folder !== "") rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Whether the driver in between hangs since the last `useBad`. */
  get hangs(): boolean {
    return existsSync(this.#hanging);
  }

  get #hanging(): string {
    return path.join(this.#folder, "hangs");
  }

  #library(): string {
    const { ICD } = JSON.parse(readFileSync(this.#manifest ?? "", "utf8")) as { readonly ICD: { readonly library_path: string } };
    return ICD.library_path;
  }

  #compile(): string | undefined {
    const folder = mkdtempSync(path.join(tmpdir(), "ghostlight-driver-"));
    this.#folder = folder;
    try {
      execFileSync("cc", ["-shared", "-fPIC", "-o", path.join(folder, "driver.so"), path.join(root, "test/fixtures/vulkan/driver.c"), "-ldl"], { stdio: "ignore" });
    } catch {
      this.#folder = "";
      rmSync(folder, { recursive: true, force: true });
      return undefined;
    }
    writeFileSync(path.join(folder, "driver.json"), JSON.stringify({ file_format_version: "1.0.0", ICD: { library_path: path.join(folder, "driver.so"), api_version: "1.3.230" } }));
    return path.join(folder, "driver.json");
  }
}
