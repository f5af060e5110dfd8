package io.lodestone.client;

import io.lodestone.peers.CertificateAuthority;
import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.EtcdRelease;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** One stock etcd that speaks TLS to its clients. */
record TlsEtcd(String address, ChildProcess process) implements AutoCloseable {

  /** Returns before the member answers. */
  static TlsEtcd start(
      EtcdRelease release, Path folder, CertificateAuthority.Identity server, String... flags)
      throws IOException {
    Files.createDirectories(folder);
    String address = "127.0.0.1:" + freePort();
    String peerUrl = "http://127.0.0.1:" + freePort();
    List<String> command = new ArrayList<>();
    command.addAll(List.of(release.etcd().toString(), "--name", "m1"));
    command.addAll(List.of("--data-dir", folder.resolve("data").toString()));
    command.addAll(List.of("--listen-client-urls", "https://" + address));
    command.addAll(List.of("--advertise-client-urls", "https://" + address));
    command.addAll(List.of("--listen-peer-urls", peerUrl));
    command.addAll(List.of("--initial-advertise-peer-urls", peerUrl));
    command.addAll(List.of("--initial-cluster", "m1=" + peerUrl));
    command.addAll(List.of("--cert-file", server.certificate().toString()));
    command.addAll(List.of("--key-file", server.key().toString()));
    command.addAll(List.of(flags));
    return new TlsEtcd(address, ChildProcess.start(command, Map.of(), folder.resolve("log")));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() {
    process.close();
  }
}
