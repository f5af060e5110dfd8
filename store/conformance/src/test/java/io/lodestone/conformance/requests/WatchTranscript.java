package io.lodestone.conformance.requests;

import com.google.protobuf.Message;
import io.lodestone.api.etcdserverpb.WatchResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a watch stream has told each watcher, in order. How events were packed into responses, and
 * the header's revision of a response with events, depend on time and are left out; so is when one
 * watcher heard something as compared with another. Confined to one thread.
 */
final class WatchTranscript {
  private final Map<Long, List<Message>> byWatcher = new TreeMap<>();
  private long progress;
  private int fragments;

  void file(WatchResponse response) {
    List<Message> entries =
        byWatcher.computeIfAbsent(response.getWatchId(), id -> new ArrayList<>());
    fragments += response.getFragment() ? 1 : 0;
    if (isControl(response)) {
      entries.add(response.toBuilder().clearEvents().build());
    } else if (response.getEventsCount() == 0) {
      progress = Math.max(progress, response.getHeader().getRevision());
    }
    entries.addAll(response.getEventsList());
  }

  /** Whether {@code response} answers a create or a cancel request. */
  static boolean isControl(WatchResponse response) {
    return response.getCreated() || response.getCanceled();
  }

  /** How many responses said that the rest of their events comes in the next one. */
  int fragments() {
    return fragments;
  }

  /** Everything up to this revision has been told, as the server says. */
  long progress() {
    return progress;
  }

  Map<Long, List<Message>> byWatcher() {
    return byWatcher;
  }

  void clear() {
    byWatcher.clear();
    progress = 0;
  }
}
