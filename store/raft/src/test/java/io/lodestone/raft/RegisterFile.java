package io.lodestone.raft;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A state of registers, and a digest of every command it ever applied with its number, so that two
 * of them are equal only if they applied the same commands in the same order, each once. In memory;
 * on disk only as of the last {@link #sync}, as a store whose writes are not flushed.
 *
 * <p>A command is {@code key=value}, or {@code key} to read; the answer is the value before. {@code
 * fail=now} does not return.
 */
public final class RegisterFile implements ReplicatedState<String> {
  private final Path file;
  private TreeMap<String, List<String>> registers = new TreeMap<>();
  private volatile long applied;
  private long digest;
  private volatile int installs;
  private volatile Runnable beforeInstall = () -> {};
  private volatile Runnable beforeCheckpoint = () -> {};

  public RegisterFile(Path directory) throws IOException {
    Files.createDirectories(directory);
    file = directory.resolve("registers");
    if (Files.exists(file)) {
      load(file);
    }
  }

  public static ByteBuffer command(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public long appliedIndex() {
    return applied;
  }

  @Override
  public synchronized List<String> apply(long index, long term, List<ByteBuffer> commands) {
    if (index != applied + 1) {
      throw new IllegalStateException("command " + index + " after " + applied);
    }
    List<String> answers = new ArrayList<>();
    for (ByteBuffer command : commands) {
      answers.add(apply(StandardCharsets.UTF_8.decode(command.duplicate()).toString()));
    }
    applied = index + commands.size() - 1;
    return answers;
  }

  private String apply(String command) {
    if (command.equals("fail=now")) {
      throw new IllegalStateException("asked to fail");
    }
    digest = digest * 31 + command.hashCode();
    int equals = command.indexOf('=');
    String key = equals < 0 ? command : command.substring(0, equals);
    String before = get(key);
    if (equals >= 0) {
      registers.computeIfAbsent(key, name -> new ArrayList<>()).add(command.substring(equals + 1));
    }
    return before;
  }

  public synchronized String get(String key) {
    List<String> history = registers.getOrDefault(key, List.of());
    return history.isEmpty() ? "" : history.get(history.size() - 1);
  }

  /** Every value that the register ever had, in order. */
  public synchronized List<String> history(String key) {
    return List.copyOf(registers.getOrDefault(key, List.of()));
  }

  /** How many commands, and which. */
  public synchronized String fingerprint() {
    return applied + ":" + digest;
  }

  public int installs() {
    return installs;
  }

  @Override
  public synchronized void sync() throws IOException {
    save(file);
  }

  /** What is done first when a checkpoint is to be made. */
  public void beforeCheckpoint(Runnable action) {
    beforeCheckpoint = action;
  }

  @Override
  public void checkpoint(Path into) throws IOException {
    beforeCheckpoint.run();
    Files.createDirectories(into.resolve("deeper"));
    synchronized (this) {
      save(into.resolve("deeper").resolve("registers"));
    }
  }

  /** What is done first when a checkpoint is to be installed. */
  public void beforeInstall(Runnable action) {
    beforeInstall = action;
  }

  @Override
  public void install(Path from) throws IOException {
    beforeInstall.run();
    replace(from);
  }

  private synchronized void replace(Path from) throws IOException {
    Files.move(
        from.resolve("deeper").resolve("registers"),
        file,
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    load(file);
    installs++;
  }

  private void save(Path to) throws IOException {
    Path temporary = to.resolveSibling("registers.tmp");
    try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(temporary))) {
      out.writeLong(applied);
      out.writeLong(digest);
      out.writeInt(registers.size());
      for (Map.Entry<String, List<String>> register : registers.entrySet()) {
        out.writeUTF(register.getKey());
        out.writeInt(register.getValue().size());
        for (String value : register.getValue()) {
          out.writeUTF(value);
        }
      }
    }
    Files.move(temporary, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private void load(Path from) throws IOException {
    TreeMap<String, List<String>> loaded = new TreeMap<>();
    try (DataInputStream in = new DataInputStream(Files.newInputStream(from))) {
      long commands = in.readLong();
      long digestThen = in.readLong();
      int count = in.readInt();
      for (int i = 0; i < count; i++) {
        List<String> history = new ArrayList<>();
        loaded.put(in.readUTF(), history);
        int values = in.readInt();
        for (int value = 0; value < values; value++) {
          history.add(in.readUTF());
        }
      }
      registers = loaded;
      digest = digestThen;
      applied = commands;
    }
  }
}
