package io.lodestone.conformance.gateway;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Replaces what a server makes up: long ids by their order of appearance within a reply, also in
 * keys of locks, which are base64; tokens, sizes, addresses, hashes, the pieces of a snapshot and
 * positions in the raft log. The words of Go's JSON parser are cut down to their first. The lines
 * of a health page, which etcd writes in the order of a map, are sorted.
 */
final class Masks {
  private static final Pattern ID = Pattern.compile("(?<![0-9a-z])[0-9]{15,20}(?![0-9a-z])");
  private static final Pattern KEY = Pattern.compile("\"((bG9j|Y3Jvd24)[A-Za-z0-9+/=]+)\"");
  private static final String[][] PLAIN = {
    {"127\\.0\\.0\\.1:\\d+", "ADDRESS"},
    {"\"token\":\"[^\"]+\"", "\"token\":\"TOKEN\""},
    {
      "\"(raft_term|raftTerm|raftIndex|raftAppliedIndex|dbSize|dbSizeInUse)\":\"\\d+\"",
      "\"$1\":\"N\""
    },
    {"(\\{\"result\":\\{[^\n]*\"blob\":\"[^\n]*\n)+", "BLOBS\n"},
    {"\"hash\":[0-9]+", "\"hash\":N"},
    {"\"message\":\"(proto:|invalid character)[^\n]*", "\"message\":\"$1 ...\"}"},
    {"\"version\":\"3\\.5\\.\\d+\"", "\"version\":\"3.5.x\""},
    {"\"etcdserver\":\"3\\.5\\.\\d+\"", "\"etcdserver\":\"3.5.x\""},
  };

  private Masks() {}

  static Reply mask(Reply reply) {
    String body = reply.body();
    for (String[] rule : PLAIN) {
      body = body.replaceAll(rule[0], rule[1]);
    }
    if (body.startsWith("[")) {
      body = body.lines().sorted().collect(Collectors.joining("\n"));
    }
    body = KEY.matcher(body).replaceAll(Masks::withoutLease);
    Map<String, String> ids = new HashMap<>();
    body =
        ID.matcher(body)
            .replaceAll(found -> ids.computeIfAbsent(found.group(), id -> "ID" + ids.size()));
    return new Reply(reply.status(), reply.contentType(), body);
  }

  private static String withoutLease(MatchResult found) {
    byte[] key = Base64.getDecoder().decode(found.group(1));
    String text = new String(key, StandardCharsets.UTF_8);
    return "\"" + text.replaceFirst("/[0-9a-f]{14,16}$", "/LEASE") + "\"";
  }
}
