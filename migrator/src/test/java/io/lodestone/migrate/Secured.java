package io.lodestone.migrate;

import io.lodestone.client.ClientOptions;
import io.lodestone.client.EtcdConnection;
import io.lodestone.client.TlsOptions;
import io.lodestone.peers.CertificateAuthority;
import io.lodestone.peers.CertificateAuthority.Identity;
import io.lodestone.peers.EtcdCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;

/** Clusters that speak TLS only, and only with clients that have a certificate. */
final class Secured {
  private final CertificateAuthority authority;
  private final Identity server;
  private final Identity client;

  Secured(Path folder) throws Exception {
    authority = CertificateAuthority.named("clusters", Files.createDirectories(folder));
    server = authority.issueEc("server");
    client = authority.issueEc("mover");
  }

  /** etcd's flags for the client port. */
  String[] flags() {
    return new String[] {
      "--cert-file=" + server.certificate(),
      "--key-file=" + server.key(),
      "--trusted-ca-file=" + authority.caFile(),
      "--client-cert-auth"
    };
  }

  /** The same cluster by TLS, with the client's certificate. */
  ClientOptions reach(ClientOptions plain) {
    ClientOptions secured =
        ClientOptions.of(
            plain.endpoints().stream()
                .map(member -> "https://" + member.host() + ":" + member.port())
                .toArray(String[]::new));
    return secured.withTls(
        new TlsOptions(
            Optional.of(authority.caFile()),
            Optional.of(client.certificate()),
            Optional.of(client.key()),
            Optional.empty(),
            false));
  }

  /** Starts a cluster with these flags; it answers when this returns. */
  EtcdCluster start(EtcdCluster.Plan plan) throws IOException, InterruptedException {
    EtcdCluster cluster = plan.flags(flags()).start();
    try (EtcdConnection connection =
        EtcdConnection.open(reach(ClientOptions.of(plan.endpoints().toArray(String[]::new))))) {
      Move.awaitAnswer(connection);
    }
    return cluster;
  }

  /** Runs etcdctl with the client's certificate. */
  String etcdctl(EtcdCluster cluster, String... arguments)
      throws IOException, InterruptedException {
    Stream<String> tls =
        Stream.of(
            "--cacert=" + authority.caFile(),
            "--cert=" + client.certificate(),
            "--key=" + client.key());
    return cluster.etcdctl(Stream.concat(tls, Arrays.stream(arguments)).toArray(String[]::new));
  }
}
