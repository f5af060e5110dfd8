package io.lodestone.server.watch;

import io.lodestone.api.etcdserverpb.WatchResponse;
import io.lodestone.server.call.ResponseHeaders;

/**
 * How responses begin, and how large they may be. Thread-safe.
 *
 * @param maxResponseBytes of a fragment, unless a single event is larger
 */
record Answering(ResponseHeaders headers, long maxResponseBytes) {
  WatchResponse.Builder at(long revision) {
    return WatchResponse.newBuilder().setHeader(headers.at(revision));
  }

  WatchResponse.Builder withoutRevision() {
    return WatchResponse.newBuilder().setHeader(headers.withoutRevision());
  }
}
