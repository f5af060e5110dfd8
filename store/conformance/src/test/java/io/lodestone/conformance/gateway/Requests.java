package io.lodestone.conformance.gateway;

import static io.lodestone.conformance.gateway.Exchange.get;
import static io.lodestone.conformance.gateway.Exchange.post;

import java.util.ArrayList;
import java.util.List;

/** What is asked of the gateway, in order. Keys and values are base64: YQ== is a, Yg== is b. */
final class Requests {
  private static final String EMPTY = "{}";

  /** Every path of the gateway below its prefix. */
  private static final List<String> PATHS =
      List.of(
          "kv/range",
          "kv/put",
          "kv/deleterange",
          "kv/txn",
          "kv/compaction",
          "kv/lease/revoke",
          "kv/lease/timetolive",
          "kv/lease/leases",
          "lease/grant",
          "lease/revoke",
          "lease/timetolive",
          "lease/leases",
          "lease/keepalive",
          "watch",
          "cluster/member/add",
          "cluster/member/remove",
          "cluster/member/update",
          "cluster/member/list",
          "cluster/member/promote",
          "maintenance/alarm",
          "maintenance/status",
          "maintenance/defragment",
          "maintenance/hash",
          "maintenance/hashkv",
          "maintenance/snapshot",
          "maintenance/transfer-leadership",
          "maintenance/downgrade",
          "auth/enable",
          "auth/disable",
          "auth/status",
          "auth/authenticate",
          "auth/user/add",
          "auth/user/get",
          "auth/user/list",
          "auth/user/delete",
          "auth/user/changepw",
          "auth/user/grant",
          "auth/user/revoke",
          "auth/role/add",
          "auth/role/get",
          "auth/role/list",
          "auth/role/delete",
          "auth/role/grant",
          "auth/role/revoke",
          "lock/lock",
          "lock/unlock",
          "election/campaign",
          "election/proclaim",
          "election/leader",
          "election/observe",
          "election/resign");

  private Requests() {}

  static List<Exchange> all() {
    List<Exchange> all = new ArrayList<>();
    for (String prefix : List.of("/v3/", "/v3beta/")) {
      all.addAll(kv(prefix));
      all.addAll(leases(prefix));
      all.addAll(cluster(prefix));
      all.addAll(coordination(prefix));
    }
    all.addAll(watches());
    all.addAll(auth());
    all.addAll(wrong());
    all.addAll(pages());
    return all;
  }

  private static List<Exchange> kv(String v) {
    return List.of(
        post(v + "kv/put", "{\"key\":\"YQ==\",\"value\":\"MQ==\"}"),
        post(v + "kv/put", "{\"key\":\"YQ==\",\"value\":\"Mg==\",\"prev_kv\":true}"),
        post(v + "kv/put", "{\"key\":\"YQ==\",\"value\":\"Mg==\",\"prevKv\":true}"),
        post(v + "kv/put", "{\"key\":\"Yg==\",\"lease\":\"99\"}"),
        post(v + "kv/put", "{\"key\":\"Yg==\",\"lease\":99}"),
        post(v + "kv/range", "{\"key\":\"YQ==\"}"),
        post(v + "kv/range", "{\"key\":\"YQ==\",\"range_end\":\"eg==\",\"limit\":\"1\"}"),
        post(v + "kv/range", "{\"key\":\"YQ==\",\"rangeEnd\":\"eg==\",\"count_only\":true}"),
        post(v + "kv/range", "{\"key\":\"YQ==\",\"sort_order\":\"DESCEND\",\"sort_target\":1}"),
        post(v + "kv/range", "{\"key\":\"YQ==\",\"sort_order\":\"SIDEWAYS\"}"),
        post(v + "kv/range", "{\"key\":\"YQ==\",\"revision\":\"99999\"}"),
        post(v + "kv/range", "{\"key\":\"bm90aGluZw==\"}"),
        post(
            v + "kv/txn",
            "{\"compare\":[{\"target\":\"VALUE\",\"key\":\"YQ==\",\"value\":\"Mg==\"}],"
                + "\"success\":[{\"request_put\":{\"key\":\"dA==\",\"value\":\"MQ==\"}},"
                + "{\"requestRange\":{\"key\":\"YQ==\"}}],"
                + "\"failure\":[{\"request_delete_range\":{\"key\":\"dA==\"}}]}"),
        post(
            v + "kv/txn",
            "{\"success\":[{\"request_txn\":{\"success\":"
                + "[{\"request_delete_range\":{\"key\":\"dA==\",\"prev_kv\":true}}]}}]}"),
        post(v + "kv/txn", "{\"success\":[{}]}"),
        post(v + "kv/deleterange", "{\"key\":\"YQ==\",\"prev_kv\":true}"),
        post(v + "kv/deleterange", "{\"key\":\"YQ==\"}"),
        post(v + "kv/compaction", "{\"revision\":\"3\",\"physical\":true}"),
        post(v + "kv/compaction", "{\"revision\":\"3\"}"),
        post(v + "kv/compaction", "{\"revision\":\"33333\"}"),
        post(v + "kv/range", "{\"key\":\"YQ==\",\"revision\":\"2\"}"));
  }

  private static List<Exchange> leases(String v) {
    String known = "{\"ID\":\"77\",\"keys\":true}";
    return List.of(
        post(v + "lease/grant", "{\"TTL\":\"600\",\"ID\":\"77\"}"),
        post(v + "lease/grant", "{\"TTL\":600,\"ID\":77}"),
        post(v + "lease/grant", "{\"TTL\":\"600\"}"),
        post(v + "lease/grant", "{\"TTL\":\"-1\"}"),
        post(v + "lease/grant", "{\"TTL\":\"9000000001\"}"),
        post(v + "kv/put", "{\"key\":\"aGVsZA==\",\"value\":\"MQ==\",\"lease\":\"77\"}"),
        post(v + "lease/timetolive", known),
        post(v + "kv/lease/timetolive", known),
        post(v + "lease/timetolive", "{\"ID\":\"78\"}"),
        post(v + "lease/keepalive", "{\"ID\":\"77\"}"),
        post(v + "lease/keepalive", "{\"ID\":\"77\"}{\"ID\":\"78\"}"),
        post(v + "lease/keepalive", "{\"ID\":\"{lease}\"}"),
        post(v + "lease/revoke", "{\"ID\":\"{lease}\"}"),
        post(v + "lease/leases", EMPTY),
        post(v + "kv/lease/leases", EMPTY),
        post(v + "kv/lease/revoke", "{\"ID\":\"77\"}"),
        post(v + "lease/revoke", "{\"ID\":\"77\"}"),
        post(v + "kv/range", "{\"key\":\"aGVsZA==\"}"));
  }

  private static List<Exchange> cluster(String v) {
    return List.of(
        post(v + "cluster/member/list", EMPTY),
        post(v + "cluster/member/list", "{\"linearizable\":true}"),
        post(v + "cluster/member/add", "{\"peerURLs\":[\"nonsense\"]}"),
        post(v + "cluster/member/remove", "{\"ID\":\"12345\"}"),
        post(v + "cluster/member/update", "{\"ID\":\"12345\",\"peerURLs\":[\"http://a:1\"]}"),
        post(v + "cluster/member/promote", "{\"ID\":\"12345\"}"),
        post(v + "maintenance/alarm", EMPTY),
        post(v + "maintenance/alarm", "{\"action\":\"GET\",\"alarm\":\"NOSPACE\"}"),
        post(
            v + "maintenance/alarm",
            "{\"action\":\"ACTIVATE\",\"memberID\":\"{member}\",\"alarm\":\"NOSPACE\"}"),
        post(v + "kv/put", "{\"key\":\"YQ==\",\"value\":\"MQ==\"}"),
        post(v + "maintenance/status", EMPTY),
        get("/health"),
        get("/health?exclude=NOSPACE"),
        get("/readyz"),
        get("/livez"),
        post(
            v + "maintenance/alarm",
            "{\"action\":2,\"memberID\":\"{member}\",\"alarm\":\"NOSPACE\"}"),
        post(v + "maintenance/status", EMPTY),
        post(v + "maintenance/defragment", EMPTY),
        post(v + "maintenance/hash", EMPTY),
        post(v + "maintenance/hashkv", EMPTY),
        post(v + "maintenance/transfer-leadership", "{\"targetID\":\"1\"}"),
        post(v + "maintenance/transfer-leadership", "{\"targetID\":\"{member}\"}"),
        post(v + "maintenance/downgrade", "{\"version\":\"3.4.0\"}"),
        post(v + "maintenance/downgrade", "{\"action\":\"VALIDATE\",\"version\":\"x\"}"));
  }

  private static List<Exchange> coordination(String v) {
    String leader =
        "{\"leader\":{\"name\":\"Y3Jvd24=\",\"key\":\"{leaderKey}\",\"rev\":\"{leaderRev}\","
            + "\"lease\":\"{leaderLease}\"}";
    return List.of(
        post(v + "lock/lock", "{\"name\":\"bG9jaw==\"}"),
        post(v + "lock/unlock", "{\"key\":\"{lockKey}\"}"),
        post(v + "lock/lock", "{\"name\":\"bG9jaw==\",\"lease\":\"4711\"}"),
        post(v + "election/leader", "{\"name\":\"Y3Jvd24=\"}"),
        post(v + "election/campaign", "{\"name\":\"Y3Jvd24=\",\"value\":\"bWU=\"}"),
        post(v + "election/leader", "{\"name\":\"Y3Jvd24=\"}"),
        post(v + "election/observe", "{\"name\":\"Y3Jvd24=\"}").untilLines(1),
        post(v + "election/proclaim", leader + ",\"value\":\"eW91\"}"),
        post(v + "election/resign", leader + "}"),
        post(v + "election/proclaim", leader + "}"),
        post(v + "election/resign", EMPTY));
  }

  private static List<Exchange> watches() {
    List<Exchange> all = new ArrayList<>();
    for (String value : List.of("MQ==", "Mg==")) {
      all.add(post("/v3/kv/put", "{\"key\":\"dw==\",\"value\":\"" + value + "\"}"));
    }
    all.add(post("/v3/kv/deleterange", "{\"key\":\"dw==\"}"));
    String past = "{\"create_request\":{\"key\":\"dw==\",\"start_revision\":\"4\"";
    all.add(post("/v3/watch", past + "}}").untilLines(2));
    all.add(post("/v3/watch", past + ",\"prev_kv\":true,\"watch_id\":\"7\"}}").untilLines(2));
    all.add(post("/v3/watch", past + ",\"filters\":[\"NOPUT\"]}}").untilLines(2));
    all.add(post("/v3/watch", past + ",\"filters\":[\"SOME\"]}}"));
    all.add(post("/v3/watch", "{\"create_request\":{\"key\":\"dw==\"}}").untilLines(1));
    all.add(
        post("/v3/watch", "{\"create_request\":{\"key\":\"dw==\",\"start_revision\":\"1\"}}")
            .untilLines(2));
    return all;
  }

  private static List<Exchange> auth() {
    return List.of(
        post("/v3/auth/enable", EMPTY),
        post("/v3/auth/status", EMPTY),
        post("/v3/auth/user/add", "{\"name\":\"root\",\"password\":\"one\"}"),
        post("/v3/auth/user/add", "{\"name\":\"root\",\"password\":\"one\"}"),
        post("/v3/auth/user/add", "{\"name\":\"ann\",\"options\":{\"no_password\":true}}"),
        post("/v3/auth/user/changepw", "{\"name\":\"ann\",\"password\":\"two\"}"),
        post("/v3/auth/role/add", "{\"name\":\"root\"}"),
        post("/v3/auth/role/add", "{\"name\":\"reader\"}"),
        post(
            "/v3/auth/role/grant",
            "{\"name\":\"reader\",\"perm\":{\"permType\":\"READWRITE\",\"key\":\"YQ==\"}}"),
        post("/v3/auth/role/grant", "{\"name\":\"reader\"}"),
        post("/v3/auth/role/get", "{\"role\":\"reader\"}"),
        post("/v3/auth/role/revoke", "{\"role\":\"reader\",\"key\":\"YQ==\"}"),
        post("/v3/auth/role/list", EMPTY),
        post("/v3/auth/user/grant", "{\"user\":\"root\",\"role\":\"root\"}"),
        post("/v3/auth/user/grant", "{\"user\":\"ann\",\"role\":\"reader\"}"),
        post("/v3/auth/user/get", "{\"name\":\"ann\"}"),
        post("/v3/auth/user/list", EMPTY),
        post("/v3/auth/enable", EMPTY),
        post("/v3/auth/authenticate", "{\"name\":\"root\",\"password\":\"wrong\"}"),
        post("/v3/auth/authenticate", "{\"name\":\"root\",\"password\":\"one\"}"),
        post("/v3/kv/range", "{\"key\":\"YQ==\"}"),
        post("/v3/kv/range", "{\"key\":\"YQ==\"}").as("{token}"),
        post("/v3/kv/range", "{\"key\":\"YQ==\"}").as("nonsense"),
        post("/v3/auth/status", EMPTY).as("{token}"),
        post("/v3/auth/user/revoke", "{\"name\":\"ann\",\"role\":\"reader\"}").as("{token}"),
        post("/v3/auth/user/delete", "{\"name\":\"ann\"}").as("{token}"),
        post("/v3/auth/role/delete", "{\"role\":\"reader\"}").as("{token}"),
        post("/v3/auth/disable", EMPTY),
        post("/v3/auth/disable", EMPTY).as("{token}"));
  }

  /** Every path with the wrong method and with bodies that are none. */
  private static List<Exchange> wrong() {
    List<Exchange> all = new ArrayList<>();
    for (String path : PATHS) {
      all.add(get("/v3/" + path));
      all.add(post("/v3/" + path, "{\"no_such_field\":1}"));
      all.add(post("/v3/" + path, "{broken"));
      all.add(post("/v3/" + path, "[]"));
    }
    for (String body : List.of("", "{}", "null", "\"text\"", "{\"key\":5}", "{\"key\":\"!!\"}")) {
      all.add(post("/v3/kv/range", body));
      all.add(post("/v3/kv/put", body));
    }
    all.add(post("/v3/kv/range", "{\"key\":\"YQ==\",\"limit\":\"many\"}"));
    all.add(post("/v3/kv/range", "{\"key\":\"YQ==\",\"limit\":\"99999999999999999999\"}"));
    all.add(post("/v3/kv/range", "{\"key\":\"YQ==\"} and more"));
    all.add(post("/v3/kv/put", "{\"key\":\"YQ==\",\"value\":\"" + "A".repeat(2_400_000) + "\"}"));
    for (String method : List.of("PUT", "DELETE", "PATCH", "OPTIONS")) {
      all.add(new Exchange(method, "/v3/kv/range", EMPTY, "", 0));
    }
    for (String path :
        List.of(
            "/v3/kv/nothing", "/v3/", "/v3", "/v3alpha/kv/range", "/v2/keys/", "/nowhere", "/")) {
      all.add(post(path, EMPTY));
      all.add(get(path));
    }
    return all;
  }

  private static List<Exchange> pages() {
    List<Exchange> all = new ArrayList<>();
    for (String path :
        List.of(
            "/version",
            "/health",
            "/health?serializable=true",
            "/livez",
            "/readyz",
            "/livez?verbose",
            "/readyz?verbose",
            "/livez/serializable_read",
            "/readyz/data_corruption",
            "/livez/nothing",
            "/readyz?exclude=data_corruption",
            "/members",
            "/debug/pprof/")) {
      all.add(get(path));
      all.add(post(path, ""));
    }
    return all;
  }
}
