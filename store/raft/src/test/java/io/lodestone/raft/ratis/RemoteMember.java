package io.lodestone.raft.ratis;

import io.lodestone.peers.JavaProgram;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A {@link MemberProcess} as seen from the test. Closing kills it. */
final class RemoteMember implements AutoCloseable {
  /** It did not do what it was told, or nobody knows. */
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Refused(String reason) {
      super(reason);
    }
  }

  private final Process process;
  private final PrintStream in;
  private final Map<Long, CompletableFuture<String>> waiting = new ConcurrentHashMap<>();
  private final AtomicLong numbers = new AtomicLong();
  private volatile boolean ended;
  private final CompletableFuture<String> started = new CompletableFuture<>();

  /** {@code within} is what to put before the command; empty for nothing. */
  RemoteMember(
      List<String> within, long id, Path directory, long snapshotCount, List<String> addresses)
      throws IOException {
    List<String> command = new ArrayList<>(within);
    command.addAll(
        JavaProgram.command(
            MemberProcess.class, List.of("-Xmx128m"), Long.toString(id), directory.toString()));
    command.add(Long.toString(snapshotCount));
    command.addAll(addresses);
    process =
        new ProcessBuilder(command)
            .redirectError(directory.resolveSibling(id + ".err").toFile())
            .start();
    in = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    waiting.put(0L, started);
    Thread reader = new Thread(this::listen, "member-" + id);
    reader.setDaemon(true);
    reader.start();
  }

  private void listen() {
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      String line = out.readLine();
      while (line != null) {
        answered(line.split(" ", 3));
        line = out.readLine();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      ended = true;
      waiting.values().forEach(RemoteMember::end);
    }
  }

  private static void end(CompletableFuture<String> asked) {
    asked.completeExceptionally(new Refused("it has ended"));
  }

  private void answered(String[] words) {
    boolean number = words.length == 3 && words[0].matches("[0-9]{1,18}");
    CompletableFuture<String> asked = number ? waiting.remove(Long.parseLong(words[0])) : null;
    if (asked == null) {
      return;
    }
    if (words[1].equals("ok")) {
      asked.complete(words[2]);
    } else {
      asked.completeExceptionally(new Refused(words[2]));
    }
  }

  void awaitStart() {
    started.orTimeout(90, TimeUnit.SECONDS).join();
  }

  CompletableFuture<String> tell(String verb, String operand) {
    long number = numbers.incrementAndGet();
    CompletableFuture<String> answer = new CompletableFuture<>();
    waiting.put(number, answer);
    in.println(number + " " + verb + " " + operand);
    if (ended) {
      end(answer);
    }
    return answer;
  }

  /** Sends a signal, such as STOP. */
  void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  @Override
  public String toString() {
    return process.isAlive() ? "alive" : "ended with " + process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    process.onExit().join();
  }
}
