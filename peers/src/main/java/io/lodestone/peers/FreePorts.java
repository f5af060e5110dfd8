package io.lodestone.peers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports of the loopback interface that nobody listens on now. Somebody else may take one before its
 * user does: then retry.
 */
public final class FreePorts {
  private static final int ATTEMPTS = 100;
  private static final int LOWEST = 10_000;
  private static final int LOWEST_GIVEN = 32_768;

  private FreePorts() {}

  /** {@code count} different free ports. */
  public static List<Integer> take(int count) {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
      }
      List<Integer> ports = sockets.stream().map(ServerSocket::getLocalPort).toList();
      for (ServerSocket socket : sockets) {
        socket.close();
      }
      return ports;
    } catch (IOException e) {
      throw new UncheckedIOException("no free port on loopback", e);
    }
  }

  public static int take() {
    return take(1).get(0);
  }

  /**
   * A free port that no connection from this machine is given as its own, so that it can be left
   * and taken again: below the range that the system has for that.
   */
  public static int takeLasting() {
    return ThreadLocalRandom.current()
        .ints(ATTEMPTS, LOWEST, LOWEST_GIVEN)
        .filter(FreePorts::isFree)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no free port on loopback"));
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException e) {
      return false; // somebody has it
    }
  }
}
