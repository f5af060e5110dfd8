package io.lodestone.conformance.robust;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

/** Bytes sent to a server as they are, and what comes back. */
final class RawConnection {
  private static final int PATIENCE_MILLIS = 10_000;

  private RawConnection() {}

  /** The first line of the answer; empty where the connection ended without one. */
  static String statusLine(String endpoint, byte[] request) throws IOException {
    String[] address = endpoint.split(":", 2);
    try (Socket socket = new Socket(address[0], Integer.parseInt(address[1]))) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      send(socket, request);
      return firstLine(socket.getInputStream());
    }
  }

  /** A server may have had enough before all is sent. */
  private static void send(Socket socket, byte[] request) {
    try {
      socket.getOutputStream().write(request);
    } catch (IOException e) {
      // Its answer tells.
      return;
    }
  }

  private static String firstLine(InputStream in) {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    try {
      for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
        line.write(next);
      }
    } catch (SocketException e) {
      // Reset: an end like any other.
      return line.toString(StandardCharsets.ISO_8859_1).strip();
    } catch (IOException e) {
      throw new AssertionError("no answer and no end", e);
    }
    return line.toString(StandardCharsets.ISO_8859_1).strip();
  }
}
