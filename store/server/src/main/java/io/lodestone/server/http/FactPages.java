package io.lodestone.server.http;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** {@code /version}, {@code /debug/vars} and {@code /metrics}. Thread-safe. */
public final class FactPages {
  private final String serverVersion;
  private final String clusterVersion;
  private final Supplier<Reply> metrics;

  /** {@code metrics} writes down all metrics. */
  public FactPages(String serverVersion, String clusterVersion, Supplier<Reply> metrics) {
    this.serverVersion = serverVersion;
    this.clusterVersion = clusterVersion;
    this.metrics = metrics;
  }

  public Map<String, Page> pages() {
    return Map.of(
        "/version", this::version,
        "/debug/vars", request -> CompletableFuture.completedFuture(variables()),
        "/metrics", request -> CompletableFuture.completedFuture(metrics.get()));
  }

  private CompletableFuture<Reply> version(PageRequest request) {
    if (!request.isRead()) {
      return CompletableFuture.completedFuture(Reply.methodNotAllowed());
    }
    JsonObject json = new JsonObject();
    json.addProperty("etcdserver", serverVersion);
    json.addProperty("etcdcluster", clusterVersion);
    return CompletableFuture.completedFuture(Reply.ok(Reply.JSON, json.toString()));
  }

  private static Reply variables() {
    JsonObject json = new JsonObject();
    JsonArray arguments = new JsonArray();
    ProcessHandle.current()
        .info()
        .arguments()
        .ifPresent(
            all -> {
              for (String argument : all) {
                arguments.add(argument);
              }
            });
    json.add("cmdline", arguments);
    json.add("memstats", memory());
    return Reply.ok("application/json; charset=utf-8", json + "\n");
  }

  private static JsonObject memory() {
    var heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
    JsonObject json = new JsonObject();
    json.addProperty("HeapAlloc", heap.getUsed());
    json.addProperty("HeapSys", heap.getCommitted());
    return json;
  }
}
