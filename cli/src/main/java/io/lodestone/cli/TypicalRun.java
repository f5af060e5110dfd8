package io.lodestone.cli;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.peers.FreePorts;
import io.lodestone.server.EmbeddedCluster;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A little of what the commands do, in one process: a restore, a store that serves, a backup and a
 * replica of it, a cluster, one of whose members starts again. The launcher runs this once for each
 * JDK, so that the JVM keeps the classes as it has parsed them and every later start is quicker.
 *
 * <p>Arguments: a snapshot file, and a directory for what is made of it, which exists.
 */
public final class TypicalRun {
  private static final PrintWriter ERR = new PrintWriter(System.err, true, StandardCharsets.UTF_8);

  private static final long LOOK_AGAIN_MILLIS = 50;
  private static final int MOST_LOOKS = 600;

  private static final int VOTERS = 3;
  private static final String[] QUICK_ELECTIONS = {
    "--heartbeat-interval=20", "--election-timeout=200"
  };

  private TypicalRun() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    String snapshot = arguments[0];
    Path folder = Path.of(arguments[1]);
    Path store = folder.resolve("store");
    run("restore", "--from-snapshot-file", snapshot, "--store-dir", store.toString());
    run(
        "restore",
        "--from-snapshot-file",
        snapshot,
        "--initial-cluster",
        "m1=http://127.0.0.1:2380",
        "--data-dir",
        folder.resolve("etcd").toString());
    try (ServedStore served = ServedStore.start(store)) {
      put(served.channel());
      String repository = "file:" + folder.resolve("backups");
      run("backup", "snapshot", "--endpoints", served.endpoint(), "--repository", repository);
      replica(served.endpoint(), folder.resolve("replica"));
    }
    cluster(folder.resolve("cluster"));
  }

  private static void replica(String source, Path dataDir) throws InterruptedException {
    String replica = "127.0.0.1:" + FreePorts.take();
    String[] follow = {
      "replica",
      "--endpoints",
      source,
      "--data-dir",
      dataDir.toString(),
      "--listen-client-urls",
      "http://" + replica
    };
    Shutdown shutdown = new Shutdown();
    Thread following = new Thread(() -> Lodestone.run(shutdown, ERR, ERR, follow), "replica");
    following.start();
    awaitServed(replica, source);
    shutdown.ask();
    following.join();
  }

  private static void awaitServed(String replica, String source) throws InterruptedException {
    String[] look = {"replica", "status", "--replica", replica, "--endpoints", source};
    for (int looks = 1; Lodestone.run(new Shutdown(), ERR, ERR, look) != 0; looks++) {
      if (looks == MOST_LOOKS) {
        throw new IllegalStateException("the replica at " + replica + " does not serve");
      }
      Thread.sleep(LOOK_AGAIN_MILLIS);
    }
  }

  private static void cluster(Path folder) throws IOException {
    try (EmbeddedCluster cluster =
        EmbeddedCluster.of(VOTERS).folder(folder).flags(QUICK_ELECTIONS).start()) {
      String one = cluster.names().get(0);
      cluster.stop(one);
      cluster.start(one);
      ManagedChannel channel = ServedStore.channel(cluster.member(one));
      put(channel);
      channel.shutdownNow();
    }
  }

  private static void put(Channel channel) {
    ByteString some = ByteString.copyFromUtf8("some");
    PutRequest request = PutRequest.newBuilder().setKey(some).setValue(some).build();
    var unused = KVGrpc.newBlockingStub(channel).put(request);
  }

  private static void run(String... command) {
    int code = Lodestone.run(new Shutdown(), ERR, ERR, command);
    if (code != 0) {
      throw new IllegalStateException(command[0] + " ended with " + code);
    }
  }
}
