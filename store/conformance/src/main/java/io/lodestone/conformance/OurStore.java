package io.lodestone.conformance;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.lodestone.api.etcdserverpb.MaintenanceGrpc;
import io.lodestone.api.etcdserverpb.StatusRequest;
import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.FreePorts;
import io.lodestone.peers.JavaProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A process of our own store, on this process's class path. */
final class OurStore implements Contestant {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** What {@code ./lodestone store} has, and no more: whoever needs more ends. */
  private static final List<String> MEMORY =
      List.of(
          "-Xmx288m",
          "-Xmn128m",
          "-XX:MaxDirectMemorySize=256m",
          "-Dio.netty.allocator.numDirectArenas=2",
          "-Dio.netty.allocator.numHeapArenas=1",
          "-XX:+ExitOnOutOfMemoryError");

  private final List<String> command;
  private final Path log;
  private final int port;
  private ChildProcess process;

  private OurStore(List<String> command, Path log, int port) {
    this.command = command;
    this.log = log;
    this.port = port;
  }

  static OurStore start(Path folder, List<String> flags) throws IOException, InterruptedException {
    Files.createDirectories(folder);
    List<Integer> ports = FreePorts.take(2);
    String client = "http://127.0.0.1:" + ports.get(0);
    String peer = "http://127.0.0.1:" + ports.get(1);
    List<String> command = JavaProgram.command(StoreProcess.class, MEMORY, "--name", "m1");
    command.addAll(List.of("--data-dir", folder.resolve("m1").toString()));
    command.addAll(List.of("--listen-client-urls", client, "--advertise-client-urls", client));
    command.addAll(List.of("--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer));
    command.addAll(List.of("--initial-cluster", "m1=" + peer));
    command.addAll(flags);
    OurStore store = new OurStore(command, folder.resolve("m1.log"), ports.get(0));
    store.startProcess();
    return store;
  }

  private void startProcess() throws IOException, InterruptedException {
    process = ChildProcess.start(command, Map.of(), log);
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    try {
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (!answers(channel)) {
        if (!process.isAlive() || System.nanoTime() > deadline) {
          throw new IOException("our store does not come up:\n" + process.output());
        }
        TimeUnit.MILLISECONDS.sleep(20);
        channel.resetConnectBackoff();
      }
    } finally {
      channel.shutdownNow();
    }
  }

  private static boolean answers(ManagedChannel channel) {
    try {
      MaintenanceGrpc.newBlockingStub(channel)
          .withDeadlineAfter(1, TimeUnit.SECONDS)
          .status(StatusRequest.getDefaultInstance());
      return true;
    } catch (StatusRuntimeException e) {
      // Not up yet; the caller gives up in time.
      return false;
    }
  }

  @Override
  public String name() {
    return "our store";
  }

  @Override
  public String endpoint() {
    return "127.0.0.1:" + port;
  }

  @Override
  public void kill() {
    process.kill();
  }

  @Override
  public void restart() throws IOException, InterruptedException {
    process.close();
    startProcess();
  }

  @Override
  public void close() {
    process.close();
  }
}
