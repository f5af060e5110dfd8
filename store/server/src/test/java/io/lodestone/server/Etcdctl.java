package io.lodestone.server;

import io.lodestone.peers.Commands;
import io.lodestone.peers.EtcdRelease;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** One release's etcdctl, aimed at a store of ours. */
record Etcdctl(EtcdRelease release, String endpoint, List<String> flags) {
  Etcdctl(EtcdRelease release, EmbeddedStore store) {
    this(release, store.target(), List.of());
  }

  /** The same with further flags. */
  Etcdctl with(String... more) {
    List<String> all = new ArrayList<>(flags);
    all.addAll(List.of(more));
    return new Etcdctl(release, endpoint, all);
  }

  /** What it prints; an IOException with that where it fails. */
  String run(String... arguments) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of(release.etcdctl().toString(), "--endpoints", endpoint));
    command.addAll(flags);
    command.addAll(List.of(arguments));
    return Commands.run(command);
  }

  @Override
  public String toString() {
    return "etcdctl " + release.version();
  }
}
