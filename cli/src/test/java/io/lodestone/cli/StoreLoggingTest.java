package io.lodestone.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.FreePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The log of a store in a process of its own: what it says, how, and where. */
final class StoreLoggingTest {
  private static final String PUBLISHED = "published local member to cluster through raft";
  private static final String READY = "ready to serve client requests";
  private static final String CLOSED = "closed the store";

  @TempDir Path folder;

  @Test
  void withoutFlagsPeopleReadItOnStandardError() throws Exception {
    String printed = lifeOfAStore();
    assertThat(printed).containsSubsequence("INFO", PUBLISHED, "INFO", READY, "INFO", CLOSED);
  }

  @Test
  void severalOutputsGetTheSameLinesAsJson() throws Exception {
    Path first = folder.resolve("first.log");
    Path second = folder.resolve("second.log");
    String printed =
        lifeOfAStore("--log-format=json", "--log-outputs=" + first + "," + second + ",stdout");
    List<String> lines = Files.readAllLines(first);
    assertThat(Files.readAllLines(second)).isEqualTo(lines);
    // Newer JVMs print warnings of their own beside it.
    assertThat(printed.lines().filter(line -> line.startsWith("{")).toList()).isEqualTo(lines);
    List<JsonNode> entries = new ArrayList<>();
    for (String line : lines) {
      entries.add(new ObjectMapper().readTree(line));
    }
    assertThat(entries).extracting(entry -> entry.get("msg").textValue()).contains(READY, CLOSED);
    assertThat(entries)
        .allSatisfy(
            entry -> {
              assertThat(entry.get("level").textValue()).isIn("info", "warn");
              assertThat(Instant.parse(entry.get("ts").textValue())).isBefore(Instant.now());
              assertThat(entry.get("caller").textValue()).isNotEmpty();
            });
    assertThat(entries)
        .filteredOn(entry -> entry.get("msg").textValue().equals(PUBLISHED))
        .singleElement()
        .satisfies(entry -> assertThat(entry.get("name").textValue()).isEqualTo("default"));
  }

  @Test
  void aRestartAppendsToTheFile() throws Exception {
    Path log = folder.resolve("store.log");
    Files.writeString(log, "from before\n");
    lifeOfAStore("--log-outputs=" + log);
    assertThat(Files.readString(log)).startsWith("from before\n").contains(READY);
  }

  @Test
  void fromWarningOnTheDiaryIsNotWritten() throws Exception {
    String printed = lifeOfAStore("--log-level=warn", "--max-wals=3");
    assertThat(printed).contains("--max-wals has no effect here").doesNotContain("INFO", READY);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2 | --log-level=loud | unrecognized level: \"loud\"",
        "2 | --log-format=xml | unknown log format: \"xml\"",
        "2 | --log-outputs=default,stderr | multi logoutput for \"default\" is not supported yet",
        "2 | --log-outputs=systemd/journal | there is no log output \"systemd/journal\"",
        "1 | --log-outputs=/nonexistent/x | there is no file /nonexistent/x",
      })
  void whatCannotBeIsAnErrorWithAHint(int exitCode, String flag, String error) {
    Cli.Outcome outcome = Cli.run("store", "--data-dir", folder.resolve("data").toString(), flag);
    assertThat(outcome.exitCode()).isEqualTo(exitCode);
    assertThat(outcome.err()).contains("error: " + error, "hint:");
    assertThat(folder.resolve("data")).doesNotExist();
  }

  /** Starts a store, waits until it listens, ends it; returns what it printed. */
  private String lifeOfAStore(String... flags) throws IOException {
    List<Integer> ports = FreePorts.take(2);
    String url = "http://127.0.0.1:" + ports.get(0);
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("store", "--data-dir", folder.resolve("data").toString()));
    arguments.addAll(List.of("--listen-client-urls", url, "--advertise-client-urls", url));
    arguments.addAll(Arrays.asList(flags));
    ChildProcess store = Cli.start(folder.resolve("printed"), arguments.toArray(String[]::new));
    try {
      await().atMost(Duration.ofSeconds(30)).until(() -> !store.isAlive() || answers(ports.get(0)));
      assertThat(store.isAlive()).as(store.output()).isTrue();
    } finally {
      store.close();
    }
    return store.output();
  }

  /** The log may be silent; the port tells. */
  private static boolean answers(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      // Not yet.
      return false;
    }
  }
}
