package io.lodestone.cli;

import io.lodestone.api.LodestoneException;
import io.lodestone.client.Endpoint;
import io.lodestone.server.gateway.TcpGateway;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code gateway}: one address for several members. */
@Command(
    name = "gateway",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Hands each connection to one of several members, in turn, as etcd's gateway does: bytes as they are, TLS",
      "and all. A member that cannot be connected to is passed over. Runs until it is stopped (SIGTERM)."
    },
    footerHeading = "%nExample:%n",
    footer =
        "  lodestone gateway --endpoints 10.0.0.1:2379,10.0.0.2:2379,10.0.0.3:2379 --listen-addr 127.0.0.1:23790")
final class GatewayCommand implements Callable<Integer> {
  @Spec private CommandSpec command;
  @ParentCommand private Lodestone program;

  @Option(
      names = "--endpoints",
      split = ",",
      required = true,
      paramLabel = "HOST:PORT",
      description = "client addresses of the members, by commas")
  private List<String> endpoints = List.of();

  @Option(
      names = "--listen-addr",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:23790",
      description = "where clients connect; default: 127.0.0.1:23790")
  private String listen = "127.0.0.1:23790";

  @Option(
      names = "--retry-delay",
      paramLabel = "TIME",
      defaultValue = "1m",
      converter = BackupRunCommand.DurationConverter.class,
      description = "how long a member that cannot be reached is left alone; default: 1m")
  private Duration retryDelay = Duration.ofMinutes(1);

  @Override
  public Integer call() throws InterruptedException {
    if (retryDelay.toMillis() < 1) {
      throw new LodestoneException("--retry-delay is too short", "give a millisecond or more");
    }
    Endpoint address = Endpoint.parse(listen);
    List<InetSocketAddress> members =
        endpoints.stream()
            .map(Endpoint::parse)
            .map(member -> InetSocketAddress.createUnresolved(member.host(), member.port()))
            .toList();
    CountDownLatch stopped = new CountDownLatch(1);
    program.shutdown().onStop(stopped::countDown);
    try (TcpGateway gateway =
        new TcpGateway(
            new InetSocketAddress(address.host(), address.port()), members, retryDelay)) {
      InetSocketAddress listening = gateway.start();
      String at = listening.getHostString() + ":" + listening.getPort();
      command.commandLine().getErr().println("listening on " + at);
      stopped.await();
      return ExitCodes.DONE;
    }
  }
}
