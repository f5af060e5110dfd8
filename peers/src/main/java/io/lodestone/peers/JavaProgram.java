package io.lodestone.peers;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A class of this JVM's own class path, as a program in a JVM of its own. */
public final class JavaProgram {
  /**
   * Such a program is killed, or over, before a collector with threads of its own or far-reaching
   * compilation pays off; and its classes, which are those that run here, are not verified, which
   * takes a sixth of the start.
   */
  private static final List<String> QUICK_START =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-XX:+UnlockDiagnosticVMOptions",
          "-XX:-BytecodeVerificationRemote");

  /** Where the libraries that are no classes are kept unpacked, if anywhere. */
  private static final String NATIVE = "lodestone.native";

  private JavaProgram() {}

  /**
   * The command that runs {@code main}.
   *
   * @param options of the JVM, read last
   */
  public static List<String> command(Class<?> main, List<String> options, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(QUICK_START);
    String kept = System.getProperty(NATIVE);
    if (kept != null) {
      command.add("-D" + NATIVE + "=" + kept);
    }
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    return command;
  }
}
