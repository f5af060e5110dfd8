package io.lodestone.conformance.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.lodestone.conformance.Contestant;
import io.lodestone.conformance.Contestants;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of etcd's documentation, with the real curl. */
final class CurlTest {
  private static final List<List<String>> COMMANDS =
      List.of(
          List.of("/version"),
          List.of("-X", "POST", "/v3/kv/put", "-d", "{\"key\": \"Zm9v\", \"value\": \"YmFy\"}"),
          List.of("-X", "POST", "/v3/kv/range", "-d", "{\"key\": \"Zm9v\"}"),
          List.of(
              "-L",
              "/v3/kv/range",
              "-X",
              "POST",
              "-d",
              "{\"key\": \"Zm9v\", \"range_end\": \"Zm9w\"}"),
          List.of("-d", "{\"key\": \"Zm9v\"}", "/v3beta/kv/deleterange"),
          List.of("--http1.0", "/v3/kv/range", "-d", "{\"key\": \"Zm9v\"}"),
          List.of("-I", "/version"),
          List.of("-H", "Transfer-Encoding: chunked", "/v3/kv/range", "-d", "{\"key\": \"Zm9v\"}"),
          List.of("-H", "Expect: 100-continue", "/v3/kv/range", "-d", "{\"key\": \"Zm9v\"}"),
          List.of(
              "-N",
              "--max-time",
              "1",
              "/v3/watch",
              "-d",
              "{\"create_request\": {\"key\": \"Zm9v\", \"start_revision\": \"2\"}}"),
          List.of("-X", "OPTIONS", "/v3/kv/range"),
          List.of("/health"));

  @TempDir Path folder;

  @Test
  void curlSeesTheSame() throws Exception {
    try (Contestant reference = Contestants.REFERENCE.start(folder.resolve("reference"));
        Contestant candidate = Contestants.candidate().start(folder.resolve("candidate"))) {
      for (List<String> command : COMMANDS) {
        assertThat(curl(candidate, command))
            .describedAs("curl " + command)
            .isEqualTo(curl(reference, command));
      }
    }
  }

  private static Reply curl(Contestant contestant, List<String> words) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("curl", "-s", "-w", "\n%{http_code} %{content_type}"));
    for (String word : words) {
      command.add(word.startsWith("/") ? "http://" + contestant.endpoint() + word : word);
    }
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int end = output.lastIndexOf('\n');
    String body = Json.compact(output.substring(0, end));
    if (words.contains("-I")) {
      body = headers(body);
    }
    return Masks.mask(new Reply(process.waitFor(), output.substring(end + 1), body));
  }

  /** Header names have neither case nor order, and nobody misses the date. */
  private static String headers(String text) {
    return text.lines()
        .map(line -> line.strip().toLowerCase(Locale.ROOT))
        .filter(line -> !line.isEmpty() && !line.startsWith("date:"))
        .sorted()
        .collect(Collectors.joining("\n"));
  }
}
