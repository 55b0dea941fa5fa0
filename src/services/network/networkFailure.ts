import type { Failure } from "./failure";
import type { NetworkError } from "./networkError";

/** What a failure of the transport is to the person. The transport's own sentences hold no key, query or text of the person's. */
export function failureOfNetwork({ kind, code, message }: NetworkError): Failure {
  switch (kind) {
    case "timeout": case "cut": case "tooLarge": return { kind };
    case "unreachable": return { kind: unreachableKind(code) };
    case "tls": return { kind, found: certificateTrouble(code) };
    case "compressed": return { kind: "invalid", found: message };
    case "redirect": case "address": case "invalid": return { kind, found: message };
  }
}

function unreachableKind(code: string | undefined): Failure["kind"] {
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "nameUnknown";
  return code === "ECONNREFUSED" ? "connectionRefused" : "unreachable";
}

/** In words that belong after a colon. */
function certificateTrouble(code: string | undefined): string {
  switch (code) {
    case "DEPTH_ZERO_SELF_SIGNED_CERT": case "SELF_SIGNED_CERT_IN_CHAIN": return "its certificate is self-signed, and nobody this computer trusts vouches for it";
    case "CERT_HAS_EXPIRED": return "its certificate has expired";
    case "CERT_NOT_YET_VALID": return "its certificate is not valid yet (or this computer's clock is wrong)";
    case "ERR_TLS_CERT_ALTNAME_INVALID": case "HOSTNAME_MISMATCH": return "its certificate is for another name";
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE": case "UNABLE_TO_GET_ISSUER_CERT": case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY": return "this computer does not know who issued its certificate";
    case "EPROTO": case "ERR_SSL_WRONG_VERSION_NUMBER": return "it does not speak TLS there; if the server has none, its address begins with http://";
    default: return `its certificate or encryption cannot be used${code === undefined ? "" : ` (${code})`}`;
  }
}
