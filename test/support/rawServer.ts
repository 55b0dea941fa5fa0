import { once } from "node:events";
import net, { type AddressInfo, type Socket } from "node:net";

/** A server that speaks bytes: it can do what no proper server does. */
export interface RawServer {
  readonly port: number;
  readonly url: string;
  /** Requests as they came, each whole, in order. */
  readonly received: string[];
  /** Connections so far. */
  connections(): number;
  close(): Promise<void>;
}

/** Listens on loopback and calls `answer` for each request, head and body, that came whole. */
export async function rawServer(answer: (socket: Socket, request: string) => void, host = "127.0.0.1"): Promise<RawServer> {
  const received: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = net.createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
    let text = "";
    socket.on("data", (bytes) => {
      text += bytes.toString("latin1");
      const end = text.indexOf("\r\n\r\n");
      if (end < 0) return;
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(text.slice(0, end))?.[1] ?? 0);
      if (text.length < end + 4 + length) return;
      const whole = text;
      text = "";
      received.push(Buffer.from(whole, "latin1").toString("utf8"));
      answer(socket, whole);
    });
  });
  server.listen(0, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port, url: `http://${host.includes(":") ? `[${host}]` : host}:${String(port)}`, received,
    connections: () => connections,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** A whole answer, after which the connection ends. */
export function answerWith(socket: Socket, status: number, body: string, headers: readonly string[] = []): void {
  socket.end([`HTTP/1.1 ${String(status)} Said`, ...headers, `Content-Length: ${String(Buffer.byteLength(body))}`, "Connection: close", "", body].join("\r\n"));
}
