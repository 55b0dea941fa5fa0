/** What went wrong on the way. `cut`: the connection ended too early. `address`: the name leads where it may not. `compressed`: another encoding than the one asked for. `invalid`: no sound answer, or a permit that is none. */
export type NetworkErrorKind = "timeout" | "unreachable" | "tls" | "cut" | "tooLarge" | "redirect" | "address" | "compressed" | "invalid";

/** A request that was let out and failed. The message is a sentence that never holds a key or a text of the person's; `code` is Node's, where it said one. */
export class NetworkError extends Error {
  constructor(readonly kind: NetworkErrorKind, message: string, readonly code?: string) {
    super(message);
    this.name = "NetworkError";
  }
}

/** What Node's error means; errors of ours stay as they are. `host` is for the words. */
export function toNetworkError(error: unknown, host: string): NetworkError {
  if (error instanceof NetworkError) return error;
  const code = String((error as NodeJS.ErrnoException | undefined)?.code ?? "");
  if (/^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL|EPROTO|INVALID_CA|HOSTNAME_MISMATCH)/.test(code)) return new NetworkError("tls", `The certificate or encryption of ${host} was not accepted (${code}).`, code);
  if (code === "HPE_HEADER_OVERFLOW") return new NetworkError("tooLarge", `${host} sent too many headers.`);
  if (code.startsWith("HPE_")) return new NetworkError("invalid", `${host} does not answer in HTTP (${code}).`);
  if (["ECONNRESET", "EPIPE", "ECONNABORTED", "ERR_STREAM_PREMATURE_CLOSE"].includes(code)) return new NetworkError("cut", `The connection to ${host} was cut.`);
  if (code === "ETIMEDOUT") return new NetworkError("timeout", `${host} did not answer in time.`);
  return new NetworkError("unreachable", `${host} cannot be reached${code === "" ? "" : ` (${code})`}.`, code === "" ? undefined : code);
}
