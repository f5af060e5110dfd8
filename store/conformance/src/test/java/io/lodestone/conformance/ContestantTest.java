package io.lodestone.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ContestantTest {
  @TempDir Path folder;

  @Test
  void theCandidateComesBackAfterBeingKilledAndAfterBeingAskedToRestart() throws Exception {
    try (Contestant candidate = Contestants.candidate().start(folder)) {
      String version = version(candidate);
      candidate.kill();
      candidate.restart();
      assertThat(version(candidate)).isEqualTo(version);
      candidate.restart();
      assertThat(version(candidate)).isEqualTo(version).contains("etcdserver");
    }
  }

  private static String version(Contestant contestant) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://" + contestant.endpoint() + "/version")).build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
  }
}
