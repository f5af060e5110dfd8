package io.lodestone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.PutResponse;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A cluster and its backups, inspected from the command line. */
final class InspectCommandTest {
  private static final String THING =
      "{\"apiVersion\": \"example.org/v1\", \"kind\": \"Thing\", \"metadata\": {\"namespace\": \"shop\"}}";

  @TempDir Path folder;

  private Cli.Outcome inspect(EtcdCluster cluster, String... more) {
    List<String> command = new ArrayList<>(List.of("inspect", "--output", "json"));
    command.addAll(List.of(more));
    if (!command.contains("--endpoints")) {
      command.addAll(List.of("--endpoints", cluster.endpoints().get(0)));
    }
    return Cli.run(command.toArray(String[]::new));
  }

  private static List<String> seen(JsonNode report, String inspection) {
    return StreamSupport.stream(report.path("observations").spliterator(), false)
        .filter(line -> line.path("inspection").asText().equals(inspection))
        .map(
            line ->
                line.path("verdict").asText()
                    + " "
                    + line.path("subject").asText()
                    + ": "
                    + line.path("seen").asText())
        .toList();
  }

  @Test
  void aClusterWithAndWithoutABackup() throws Exception {
    String repository = folder.resolve("repository").toString();
    try (EtcdCluster cluster =
            EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve("etcd")).start();
        EtcdCluster other =
            EtcdCluster.of(EtcdRelease.of("3.4"), folder.resolve("other")).token("b").start()) {
      Cli.report(
          "backup",
          "snapshot",
          "--endpoints",
          cluster.endpoints().get(0),
          "--repository",
          repository);
      for (int i = 0; i < 4; i++) {
        cluster.etcdctl("put", "hot/key", "value" + i);
      }
      cluster.etcdctl("put", "other/key", "value");
      cluster.etcdctl("put", "/registry/example.org/things/shop/one", THING);
      putDeployment(cluster);
      Cli.report(
          "backup",
          "run",
          "--until-caught-up",
          "--endpoints",
          cluster.endpoints().get(0),
          "--repository",
          repository);

      Cli.Outcome all = inspect(cluster, "--repository", repository);
      assertThat(all.exitCode()).as(all.out() + all.err()).isZero();
      assertThat(seen(all.json(), "health")).hasSize(2);
      assertThat(seen(all.json(), "requests"))
          .contains("FINE key hot/key: " + 4 + " writes, " + bytes(all.json(), "key hot/key"))
          .anyMatch(line -> line.startsWith("FINE prefix hot/: 4 writes"));
      assertThat(seen(all.json(), "backup"))
          .anyMatch(line -> line.startsWith("FINE") && line.contains("complete up to revision 8"))
          .anyMatch(line -> line.startsWith("WARNING") && line.contains("never proved"));

      assertThat(seen(all.json(), "keys"))
          .contains(
              "FINE prefix hot/: 1 keys, " + ("hot/key".length() + "value3".length()) + " bytes")
          .anyMatch(line -> line.startsWith("FINE cluster: 4 keys, "))
          .anyMatch(line -> line.startsWith("FINE objects example.org/v1 Thing in shop: 1 keys, "))
          .anyMatch(line -> line.startsWith("FINE objects apps/v1 Deployment in web: 1 keys, "));

      Cli.Outcome stale =
          inspect(cluster, "backup", "--repository", repository, "--max-backup-age", "1ms");
      assertThat(stale.exitCode()).isEqualTo(ExitCodes.DAMAGE);
      assertThat(seen(stale.json(), "health")).isEmpty();

      Cli.Outcome none = inspect(other, "backup", "--repository", repository);
      assertThat(none.exitCode()).isEqualTo(ExitCodes.DAMAGE);
      assertThat(none.out()).contains("has no backup of it");
    }
  }

  @Test
  void whatCannotBeLookedAtIsWrongUsage() {
    Cli.Outcome unknown = Cli.run("inspect", "bakcup", "--endpoints", "127.0.0.1:1");
    assertThat(unknown.exitCode()).isEqualTo(2);
    assertThat(unknown.err()).contains("there is no inspection 'bakcup'", "backup, requests");
    Cli.Outcome nowhere = Cli.run("inspect", "health", "keys", "--endpoints", "127.0.0.1:1");
    assertThat(nowhere.exitCode()).isEqualTo(2);
    assertThat(nowhere.err()).contains("'keys' looks at backups: name their --repository");
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.4", "3.5"})
  void withAuthenticationOnRootSeesAllAndOthersAreToldWhatTheyMayNot(String minor)
      throws Exception {
    Path password = Files.writeString(folder.resolve("password"), "secret");
    try (EtcdCluster cluster =
        EtcdCluster.of(EtcdRelease.of(minor), folder.resolve("etcd")).members(3).start()) {
      cluster.etcdctl("put", "key", "value");
      TestUsers.enable(cluster);
      String all = String.join(",", cluster.endpoints());

      Cli.Outcome root =
          inspect(cluster, "--endpoints", all, "--user", "root", "--password-file", "" + password);
      assertThat(root.exitCode()).as(root.out() + root.err()).isZero();
      assertThat(seen(root.json(), "consistency"))
          .hasSize(2)
          .allMatch(line -> line.startsWith("FINE") && line.contains("hold the same"));

      Cli.Outcome reader =
          inspect(
              cluster, "--endpoints", all, "--user", "reader", "--password-file", "" + password);
      assertThat(reader.exitCode()).as(reader.out() + reader.err()).isEqualTo(ExitCodes.DAMAGE);
      assertThat(seen(reader.json(), "consistency"))
          .hasSize(2)
          .allMatch(line -> line.startsWith("PROBLEM") && line.contains("permission denied"));

      Cli.Outcome nobody = inspect(cluster, "--endpoints", all);
      assertThat(nobody.exitCode()).isEqualTo(ExitCodes.FAILED);
      assertThat(nobody.err()).contains("give a user and its password");
    }
  }

  /** As Kubernetes stores it: the envelope with its type, and an object whose field 1 has names. */
  private static void putDeployment(EtcdCluster cluster) {
    UnknownFieldSet type = message(Map.of(1, text("apps/v1"), 2, text("Deployment")));
    UnknownFieldSet meta = message(Map.of(1, text("front"), 3, text("web")));
    UnknownFieldSet object = message(Map.of(1, meta.toByteString()));
    UnknownFieldSet envelope = message(Map.of(1, type.toByteString(), 2, object.toByteString()));
    PutResponse unused =
        KVGrpc.newBlockingStub(cluster.channel(0))
            .put(
                PutRequest.newBuilder()
                    .setKey(text("/registry/deployments/web/front"))
                    .setValue(text("k8s\0").concat(envelope.toByteString()))
                    .build());
  }

  private static ByteString text(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private static UnknownFieldSet message(Map<Integer, ByteString> fields) {
    UnknownFieldSet.Builder message = UnknownFieldSet.newBuilder();
    fields.forEach(
        (number, bytes) ->
            message.addField(
                number, UnknownFieldSet.Field.newBuilder().addLengthDelimited(bytes).build()));
    return message.build();
  }

  private static String bytes(JsonNode report, String subject) {
    return StreamSupport.stream(report.path("observations").spliterator(), false)
        .filter(line -> line.path("subject").asText().equals(subject))
        .map(line -> line.path("seen").asText().replaceFirst(".*, ", ""))
        .findFirst()
        .orElse("nothing");
  }
}
