package io.lodestone.bench;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.Commands;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.peers.FreePorts;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Measures {@code lodestone replica} where there is much to copy, behind one member of stock etcd
 * 3.5, by either mode: how long it takes from its start until it serves a large keyspace, beside
 * copying the member's file on the same disk, and beside {@code etcdctl snapshot save} from that
 * member; and how long it takes, with how much memory, to make up for many changes that came while
 * it was down.
 *
 * <p>Arguments: the folder to work in, MiB of values (default 1024), changes (default 1,000,000; 0
 * for none), modes, with commas between (default both), bytes of a value (default 4096), and flags
 * for the source. With as few entries as the source is filled by, its leader still has its whole
 * log and sends that by raft; {@code --snapshot-count=1000
 * --experimental-snapshot-catchup-entries=100} make it send its database, as one that has lived for
 * a while does.
 */
public final class ReplicaBulkBench {
  private static final String[] MODES = {"watch", "raft"};
  private static final int USUAL_VALUE_BYTES = 4096;
  private static final int KEYS_PER_TXN = 64;
  private static final int CHANGE_BYTES = 256;
  private static final Duration PATIENCE = Duration.ofHours(2);

  private final Path lodestone;
  private final Path folder;
  private final int changes;
  private final PrintStream out;

  private ReplicaBulkBench(Path lodestone, Path folder, int changes, PrintStream out) {
    this.lodestone = lodestone;
    this.folder = folder;
    this.changes = changes;
    this.out = out;
  }

  public static void main(String[] arguments) throws Exception {
    Path home = Path.of(System.getProperty("lodestone.home", ".")).toAbsolutePath().normalize();
    Path folder = Path.of(arguments[0]).toAbsolutePath().normalize();
    int megabytes = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1024;
    int changes = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 1_000_000;
    String[] modes = arguments.length > 3 ? arguments[3].split(",", -1) : MODES;
    int valueBytes = arguments.length > 4 ? Integer.parseInt(arguments[4]) : USUAL_VALUE_BYTES;
    List<String> flags = new ArrayList<>(List.of("--quota-backend-bytes=17179869184"));
    flags.addAll(Arrays.asList(arguments).subList(Math.min(arguments.length, 5), arguments.length));
    Files.createDirectories(folder);
    EtcdCluster.Plan plan =
        EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve("source"))
            .flags(flags.toArray(String[]::new));
    try (EtcdCluster source = plan.start()) {
      new Load(source.channel(0))
          .fill((int) (((long) megabytes << 20) / valueBytes), valueBytes, KEYS_PER_TXN);
      new ReplicaBulkBench(home.resolve("lodestone"), folder, changes, System.out)
          .run(source, List.of(modes));
    }
  }

  private void run(EtcdCluster source, List<String> modes) throws Exception {
    out.println("| mode | what | seconds | times cp | times snapshot save | peak memory, MiB |");
    out.println("|---|---|---|---|---|---|");
    for (String mode : modes) {
      int port = FreePorts.take();
      String peer = "http://127.0.0.1:" + FreePorts.takeLasting();
      Path file = source.member(0).dataDir().resolve("member").resolve("snap").resolve("db");
      String size = String.format(Locale.ROOT, ", %,d MiB", Files.size(file) >> 20);
      Run copying = copy(file);
      Run saving = save(source);
      tell(mode, "cp and sync" + size, copying, copying, saving);
      tell(mode, "etcdctl snapshot save" + size, saving, copying, saving);
      tell(mode, "bootstrap" + size, serve(source, mode, port, peer), copying, saving);
      if (changes > 0) {
        new Load(source.channel(0)).fill(changes, CHANGE_BYTES, 1);
        Run behind = serve(source, mode, port, peer);
        tell(mode, String.format(Locale.ROOT, "%,d changes", changes), behind, copying, saving);
      }
    }
  }

  private Run copy(Path file) throws IOException, InterruptedException {
    Path copy = folder.resolve("copy.db");
    Files.deleteIfExists(copy);
    return Run.of(
        folder, "sh", "-c", "cp \"$0\" \"$1\" && sync \"$1\"", file.toString(), copy.toString());
  }

  /** The copy that etcd itself offers. */
  private Run save(EtcdCluster source) throws IOException, InterruptedException {
    Path saved = folder.resolve("saved.db");
    Files.deleteIfExists(saved);
    String etcdctl = source.release().etcdctl().toString();
    String endpoint = "--endpoints=" + source.member(0).endpoint();
    return Run.of(folder, etcdctl, endpoint, "snapshot", "save", saved.toString());
  }

  private void tell(String mode, String what, Run run, Run copying, Run saving) {
    out.printf(
        Locale.ROOT,
        "| %s | %s | %.1f | %.2f | %.2f | %.0f |%n",
        mode,
        what,
        run.seconds(),
        run.seconds() / copying.seconds(),
        run.seconds() / saving.seconds(),
        run.peakBytes() / 1048576.0);
  }

  /** Starts a replica and stops it once it has what the source had; the time is until then. */
  private Run serve(EtcdCluster source, String mode, int port, String peer)
      throws IOException, InterruptedException {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    long head = revision(source.channel(0), false);
    Commands.run(List.of("sync"));
    long began = System.nanoTime();
    try (ChildProcess replica =
        ChildProcess.start(
            command(source, mode, port, peer),
            Map.of(),
            folder.resolve("replica-" + mode + ".log"))) {
      while (revision(channel, true) < head) {
        if (!replica.isAlive() || System.nanoTime() - began > PATIENCE.toNanos()) {
          throw new IOException("the replica does not come so far:\n" + replica.output());
        }
        TimeUnit.MILLISECONDS.sleep(20);
        channel.resetConnectBackoff();
      }
      Duration took = Duration.ofNanos(System.nanoTime() - began);
      return new Run(took, Run.highWaterMark(replica.pid()));
    } finally {
      channel.shutdownNow();
    }
  }

  private List<String> command(EtcdCluster source, String mode, int port, String peer) {
    List<String> command = new ArrayList<>(List.of(lodestone.toString(), "replica"));
    command.addAll(List.of("--endpoints", String.join(",", source.endpoints()), "--mode", mode));
    command.addAll(List.of("--data-dir", folder.resolve("replica-" + mode).toString()));
    command.addAll(List.of("--listen-client-urls", "http://127.0.0.1:" + port));
    if (mode.equals("raft")) {
      command.addAll(List.of("--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer));
    }
    return command;
  }

  /** 0 where nobody answers yet. */
  private static long revision(ManagedChannel channel, boolean serializable) {
    RangeRequest read =
        RangeRequest.newBuilder()
            .setKey(ByteString.copyFromUtf8("k"))
            .setSerializable(serializable)
            .build();
    try {
      return KVGrpc.newBlockingStub(channel)
          .withDeadlineAfter(10, TimeUnit.SECONDS)
          .range(read)
          .getHeader()
          .getRevision();
    } catch (StatusRuntimeException e) {
      // It does not serve yet, or is busy; the caller gives up in time.
      return 0;
    }
  }
}
