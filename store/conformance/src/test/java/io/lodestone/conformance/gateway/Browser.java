package io.lodestone.conformance.gateway;

import io.lodestone.conformance.Contestant;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Speaks HTTP/1.1 with one contestant. What it captures from one reply may stand as {@code {name}}
 * in later requests. Confined to one thread.
 */
final class Browser {
  /** What is not answered by then stays open. */
  static final Duration PATIENCE = Duration.ofSeconds(6);

  private static final Map<String, Pattern> CAPTURES =
      Map.of(
          "lease", Pattern.compile("\"ID\":\"([0-9]{10,})\",\"TTL\":\"600\""),
          "member", Pattern.compile("\"member_id\":\"([0-9]+)\""),
          "token", Pattern.compile("\"token\":\"([^\"]+)\""),
          "lockKey", Pattern.compile("\"key\":\"(bG9j[^\"]+)\""),
          "leaderKey", Pattern.compile("\"key\":\"(Y3Jvd24[^\"]+)\""),
          "leaderRev", Pattern.compile("\"rev\":\"([0-9]+)\""),
          "leaderLease", Pattern.compile("\"rev\":\"[0-9]+\",\"lease\":\"([0-9]+)\""));

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Contestant contestant;
  private final Map<String, String> captured = new HashMap<>();

  Browser(Contestant contestant) {
    this.contestant = contestant;
  }

  Reply send(Exchange exchange) throws IOException, InterruptedException {
    return send(exchange, PATIENCE);
  }

  Reply send(Exchange exchange, Duration patience) throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://" + contestant.endpoint() + exchange.path()))
            .timeout(patience)
            .method(exchange.method(), BodyPublishers.ofString(filledIn(exchange.body())));
    if (!exchange.token().isEmpty()) {
      request.header("Authorization", filledIn(exchange.token()));
    }
    HttpResponse<InputStream> response;
    try {
      response = client.send(request.build(), BodyHandlers.ofInputStream());
    } catch (HttpTimeoutException e) {
      return new Reply(0, "none", Body.STILL_OPEN);
    }
    try (InputStream in = response.body()) {
      String body = Json.compact(Body.read(in, exchange.lines(), patience));
      capture(body);
      String type = response.headers().firstValue("Content-Type").orElse("none");
      return new Reply(response.statusCode(), type, body);
    }
  }

  private String filledIn(String text) {
    String filled = text;
    for (Map.Entry<String, String> entry : captured.entrySet()) {
      filled = filled.replace("{" + entry.getKey() + "}", entry.getValue());
    }
    return filled;
  }

  private void capture(String body) {
    for (Map.Entry<String, Pattern> wanted : CAPTURES.entrySet()) {
      Matcher found = wanted.getValue().matcher(body);
      if (found.find()) {
        captured.put(wanted.getKey(), found.group(1));
      }
    }
  }
}
