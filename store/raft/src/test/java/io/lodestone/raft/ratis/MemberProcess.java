package io.lodestone.raft.ratis;

import io.lodestone.raft.ConsensusException;
import io.lodestone.raft.ConsensusListener;
import io.lodestone.raft.Peer;
import io.lodestone.raft.RaftConfig;
import io.lodestone.raft.RegisterFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * A member in a process of its own, which is told what to do by lines: a number, a verb, an
 * operand. It answers in any order: the number, {@code ok} or {@code no}, the answer or the reason.
 * Ends with its input.
 */
final class MemberProcess {
  private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

  private static final int FIRST_ADDRESS = 3;

  private MemberProcess() {}

  /** Id, directory, commands until the log is shortened, then {@code host:port} of all members. */
  public static void main(String[] args) throws IOException {
    long id = Long.parseLong(args[0]);
    Path directory = Path.of(args[1]);
    List<Peer> peers = new ArrayList<>();
    for (int i = FIRST_ADDRESS; i < args.length; i++) {
      int colon = args[i].indexOf(':');
      int port = Integer.parseInt(args[i].substring(colon + 1));
      peers.add(Peer.voter(i - FIRST_ADDRESS + 1, args[i].substring(0, colon), port));
    }
    RaftConfig config =
        new RaftConfig(
            0x5eed,
            id,
            RaftConfig.Start.NEW,
            peers,
            peers.get((int) id - 1).host(),
            peers.get((int) id - 1).port(),
            directory.resolve("raft"),
            RaftConfig.DEFAULT_HEARTBEAT,
            RaftConfig.DEFAULT_ELECTION,
            Duration.ofSeconds(5),
            Long.parseLong(args[2]),
            20,
            Optional.empty());
    RegisterFile state = new RegisterFile(directory.resolve("state"));
    RatisConsensus<String> consensus = RatisConsensus.open(config, state, new Silent(), 64 << 10);
    OUT.println("0 ok started");
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    String line = in.readLine();
    while (line != null) {
      obey(line.split(" ", 3), consensus, state);
      line = in.readLine();
    }
    System.exit(0);
  }

  private static void obey(String[] words, RatisConsensus<String> consensus, RegisterFile state) {
    String operand = words[2];
    CompletableFuture<String> answer =
        switch (words[1]) {
          case "write" -> consensus.propose(RegisterFile.command(operand));
          case "read" -> consensus.readBarrier().thenApply(passed -> state.get(operand));
          case "history" ->
              consensus.readBarrier().thenApply(passed -> String.join(",", state.history(operand)));
          case "fingerprint" -> CompletableFuture.completedFuture(state.fingerprint());
          case "leads" -> CompletableFuture.completedFuture("" + consensus.leads());
          default -> throw new IllegalArgumentException(words[1]);
        };
    var unused =
        answer.whenComplete(
            (value, failure) ->
                OUT.println(words[0] + (failure == null ? " ok " + value : " no " + why(failure))));
  }

  private static String why(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof ConsensusException known ? known.reason().name() : cause.toString();
  }

  private static final class Silent implements ConsensusListener {
    @Override
    public void leaderChanged(long term, long leader) {}

    @Override
    public void peersChanged(List<Peer> peers) {}

    @Override
    public void stopped(Optional<Throwable> cause) {
      cause.ifPresent(Throwable::printStackTrace);
      Runtime.getRuntime().halt(3);
    }
  }
}
