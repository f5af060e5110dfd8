package io.lodestone.server.http;

import com.google.gson.JsonObject;
import io.lodestone.api.etcdserverpb.AlarmMember;
import io.lodestone.api.etcdserverpb.AlarmType;
import io.lodestone.server.call.CallStatus;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** {@code /health}, {@code /livez} and {@code /readyz}, in etcd's words. Thread-safe. */
public final class HealthPages {
  private final StoreHealth store;

  public HealthPages(StoreHealth store) {
    this.store = store;
  }

  public Map<String, Page> pages() {
    Map<String, Check> alive = new LinkedHashMap<>();
    alive.put("serializable_read", () -> read(true));
    Map<String, Check> ready = new LinkedHashMap<>();
    ready.put("data_corruption", this::corruption);
    ready.put("serializable_read", () -> read(true));
    ready.put("linearizable_read", () -> read(false));
    ready.put("non_learner", this::voter);
    Map<String, Page> pages = new LinkedHashMap<>();
    pages.put("/health", this::health);
    addChecks(pages, "/livez", alive);
    addChecks(pages, "/readyz", ready);
    return pages;
  }

  private static void addChecks(Map<String, Page> pages, String path, Map<String, Check> checks) {
    pages.put(path, request -> answer(request, checks));
    checks.forEach(
        (name, check) ->
            pages.put(path + "/" + name, request -> answer(request, Map.of(name, check))));
  }

  /** Completes with why it failed; empty where it did not. */
  private interface Check {
    CompletableFuture<Optional<String>> run();
  }

  private static CompletableFuture<Optional<String>> passed() {
    return CompletableFuture.completedFuture(Optional.empty());
  }

  private CompletableFuture<Optional<String>> corruption() {
    boolean corrupt =
        store.alarms().stream().anyMatch(alarm -> alarm.getAlarm() == AlarmType.CORRUPT);
    return corrupt
        ? CompletableFuture.completedFuture(Optional.of("alarm activated: CORRUPT"))
        : passed();
  }

  private CompletableFuture<Optional<String>> voter() {
    return store.learns()
        ? CompletableFuture.completedFuture(Optional.of("not supported for learner"))
        : passed();
  }

  private CompletableFuture<Optional<String>> read(boolean serializable) {
    return store
        .read(serializable)
        .handle(
            (done, failure) ->
                failure == null
                    ? Optional.empty()
                    : Optional.of("range error: " + CallStatus.of(failure).getDescription()));
  }

  private static CompletableFuture<Reply> answer(PageRequest request, Map<String, Check> checks) {
    if (!request.isRead()) {
      return CompletableFuture.completedFuture(Reply.methodNotAllowed());
    }
    List<CompletableFuture<Outcome>> running = new ArrayList<>();
    checks.forEach(
        (name, check) -> {
          if (!request.all("exclude").contains(name)) {
            running.add(check.run().thenApply(why -> new Outcome(name, why)));
          }
        });
    return CompletableFuture.allOf(running.toArray(CompletableFuture[]::new))
        .thenApply(
            done ->
                told(
                    request.has("verbose"),
                    running.stream().map(CompletableFuture::join).toList()));
  }

  private record Outcome(String name, Optional<String> failure) {
    String line() {
      return failure
          .map(why -> "[-]" + name + " failed: " + why + "\n")
          .orElse("[+]" + name + " ok\n");
    }
  }

  /** Failures are always told in detail. */
  private static Reply told(boolean verbose, List<Outcome> outcomes) {
    StringBuilder lines = new StringBuilder();
    outcomes.forEach(outcome -> lines.append(outcome.line()));
    if (outcomes.stream().anyMatch(outcome -> outcome.failure().isPresent())) {
      return Reply.plain(HttpResponseStatus.SERVICE_UNAVAILABLE, lines + "\n");
    }
    return Reply.plain(HttpResponseStatus.OK, (verbose ? lines : "") + "ok\n");
  }

  private CompletableFuture<Reply> health(PageRequest request) {
    if (!request.isRead()) {
      return CompletableFuture.completedFuture(Reply.methodNotAllowed());
    }
    boolean serializable = request.isTrue("serializable");
    Optional<AlarmMember> alarm =
        store.alarms().stream()
            .filter(raised -> !request.all("exclude").contains(raised.getAlarm().name()))
            .findFirst();
    if (alarm.isPresent()) {
      return unhealthy("ALARM " + alarm.get().getAlarm().name());
    }
    if (store.diskFull()) {
      return unhealthy("DISK FULL");
    }
    if (store.fault().isPresent()) {
      return unhealthy(store.fault().get());
    }
    if (!serializable && !store.hasLeader()) {
      return unhealthy("RAFT NO LEADER");
    }
    return read(serializable)
        .thenCompose(
            why ->
                why.isEmpty()
                    ? healthy()
                    : unhealthy(why.get().replaceFirst("range error: ", "RANGE ERROR:")));
  }

  private CompletableFuture<Reply> healthy() {
    store.checked(true);
    return CompletableFuture.completedFuture(Reply.ok(Reply.PLAIN, health("true", "")));
  }

  private CompletableFuture<Reply> unhealthy(String reason) {
    store.checked(false);
    return CompletableFuture.completedFuture(
        Reply.plain(HttpResponseStatus.SERVICE_UNAVAILABLE, health("false", reason) + "\n"));
  }

  private static String health(String healthy, String reason) {
    JsonObject json = new JsonObject();
    json.addProperty("health", healthy);
    json.addProperty("reason", reason);
    return json.toString();
  }
}
