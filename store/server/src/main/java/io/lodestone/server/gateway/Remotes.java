package io.lodestone.server.gateway;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The members behind a gateway, and which of them could not be reached last. Thread-safe. */
final class Remotes {
  private static final Logger LOG = LoggerFactory.getLogger(Remotes.class);

  private final List<InetSocketAddress> all;
  private final Set<InetSocketAddress> down = ConcurrentHashMap.newKeySet();
  private final AtomicInteger turn = new AtomicInteger();

  Remotes(List<InetSocketAddress> all) {
    this.all = List.copyOf(all);
  }

  /** Those to try for a new connection, one after the other; each time another one is the first. */
  List<InetSocketAddress> inTurn() {
    int first = Math.floorMod(turn.getAndIncrement(), all.size());
    List<InetSocketAddress> order = new ArrayList<>(all.subList(first, all.size()));
    order.addAll(all.subList(0, first));
    order.removeIf(down::contains);
    return order;
  }

  List<InetSocketAddress> unreachable() {
    return List.copyOf(down);
  }

  void failed(InetSocketAddress remote, Throwable why) {
    if (down.add(remote)) {
      LOG.atWarn()
          .addKeyValue("member", remote)
          .addKeyValue("reason", why.getMessage())
          .log("a member cannot be reached; others take its connections");
    }
  }

  void reached(InetSocketAddress remote) {
    if (down.remove(remote)) {
      LOG.atInfo().addKeyValue("member", remote).log("a member can be reached again");
    }
  }
}
