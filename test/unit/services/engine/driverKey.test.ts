import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { driverKey, libraryVersion, type DriverPlaces } from "../../../../src/services/engine/driverKey";

describe("services/engine/driverKey", () => {
  let root = "";
  beforeEach(() => { root = mkdtempSync(path.join(tmpdir(), "ghostlight-drivers-")); });
  afterEach(() => { rmSync(root, { recursive: true, force: true }); });
  const places = (platform: string, environment: Readonly<Record<string, string>> = {}): DriverPlaces => ({ platform, root, environment, home: "/home/ada" });
  const put = (file: string, text: string): string => {
    const where = path.join(root, file);
    mkdirSync(path.dirname(where), { recursive: true });
    writeFileSync(where, text);
    return where;
  };

  it("changes with the library, the driver's version, a device, an update of a library and of a manifest; not otherwise", () => {
    const keys: string[] = [];
    const look = (version = "3.21.1"): void => { keys.push(driverKey(version, places("linux"))); };
    look();
    look("3.22.0");
    put("sys/module/nvidia/version", "580.1\n"); look();
    put("sys/module/nvidia/version", "580.2\n"); look();
    put("sys/class/drm/card0/device/vendor", "0x10de\n"); look();
    put("sys/class/drm/card0/device/device", "0x2684\n"); look();
    const manifest = put("usr/share/vulkan/icd.d/radeon.json", "{}"); look();
    utimesSync(manifest, 1, 1); look();
    put("usr/lib/x86_64-linux-gnu/libvulkan.so.1", "1"); look();
    assert.equal(new Set(keys).size, keys.length);
    const before = keys.at(-1);
    put("sys/class/drm/card0-HDMI-A-1/status", "connected"); look();
    assert.equal(keys.at(-1), before);
  });

  for (const name of ["VK_DRIVER_FILES", "VK_ICD_FILENAMES", "VK_ADD_DRIVER_FILES", "VK_LOADER_DRIVERS_DISABLE", "GGML_VK_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES", "MESA_VK_DEVICE_SELECT", "DRI_PRIME"]) {
    it(`changes with ${name}, on every system`, () => {
      for (const platform of ["linux", "win32", "darwin"]) {
        const keys = [{}, { [name]: "" }, { [name]: "0" }, { [name]: "1" }].map((environment) => driverKey("3", places(platform, environment)));
        assert.equal(new Set(keys).size, keys.length, platform);
      }
    });
  }

  it("does not change with any other variable", () => {
    assert.equal(driverKey("3", places("linux", { PATH: "/bin", MESA_SHADER_CACHE_DIR: "/tmp", PWD: "/" })), driverKey("3", places("linux")));
  });

  /** Every folder that may hold a manifest, and what in the environment leads there. */
  const FOLDERS: readonly (readonly [folder: string, environment: Readonly<Record<string, string>>])[] = [
    ["/usr/share/vulkan/icd.d", {}], ["/usr/local/share/vulkan/icd.d", {}], ["/etc/vulkan/icd.d", {}], ["/usr/local/etc/vulkan/icd.d", {}], ["/etc/xdg/vulkan/icd.d", {}],
    ["/home/ada/.local/share/vulkan/icd.d", {}], ["/home/ada/.config/vulkan/icd.d", {}], ["/run/opengl-driver/share/vulkan/icd.d", {}],
    ["/data/vulkan/icd.d", { XDG_DATA_HOME: "/data" }], ["/config/vulkan/icd.d", { XDG_CONFIG_HOME: "/config" }],
    ["/two/vulkan/icd.d", { XDG_DATA_DIRS: "/one:/two" }], ["/two/vulkan/icd.d", { XDG_CONFIG_DIRS: "/one:/two" }],
    ["/drivers", { VK_DRIVER_FILES: "/one.json:/drivers/driver.json" }], ["/drivers", { VK_ICD_FILENAMES: "/drivers" }], ["/drivers", { VK_ADD_DRIVER_FILES: "/drivers/driver.json" }],
  ];
  for (const [folder, environment] of FOLDERS) {
    it(`${folder}${JSON.stringify(environment)}: a manifest that comes or changes, and an update of the library it names`, () => {
      const keys: string[] = [];
      const look = (): void => { keys.push(driverKey("3", places("linux", environment))); };
      for (const library of ["/opt/driver/libone.so", "../lib/libtwo.so", "libthree.so.0"]) {
        put(path.join(folder, "driver.json"), JSON.stringify({ ICD: { library_path: library } })); look();
        const file = put(library.startsWith("/") ? library : library.includes("/") ? path.join(folder, library) : path.join("/usr/lib64", library), "1"); look();
        utimesSync(file, 1, 1); look();
        put(path.relative(root, file), "12"); look();
      }
      assert.equal(new Set(keys).size, keys.length);
      const before = keys.at(-1);
      put("/opt/driver/libother.so", "1"); look();
      assert.equal(keys.at(-1), before);
    });
  }

  for (const text of ["", "{", "null", "[]", "{}", '{"ICD":null}', '{"ICD":{"library_path":1}}']) {
    it(`a manifest that says nothing is looked at all the same: ${text}`, () => {
      const before = driverKey("3", places("linux"));
      put("usr/share/vulkan/icd.d/driver.json", text);
      assert.notEqual(driverKey("3", places("linux")), before);
    });
  }

  it("other systems: their own files, or the system's version alone", () => {
    const windows = driverKey("3", places("win32"));
    put("Windows/System32/nvcuda.dll", "x");
    assert.notEqual(driverKey("3", places("win32")), windows);
    assert.match(driverKey("3", places("darwin")), /^node-llama-cpp 3; darwin \S+$/);
  });

  it("the library's version comes from its manifest", () => {
    assert.match(libraryVersion(path.resolve(__dirname, "../../../..")), /^\d+\.\d+\.\d+$/);
    assert.equal(libraryVersion(root), "");
  });
});
