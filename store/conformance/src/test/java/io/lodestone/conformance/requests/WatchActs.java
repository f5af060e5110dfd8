package io.lodestone.conformance.requests;

import com.google.protobuf.ByteString;
import io.lodestone.api.KeyRange;
import io.lodestone.api.etcdserverpb.DeleteRangeRequest;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.api.etcdserverpb.WatchCancelRequest;
import io.lodestone.api.etcdserverpb.WatchCreateRequest;
import io.lodestone.api.etcdserverpb.WatchRequest;
import io.lodestone.api.etcdserverpb.WatchResponse;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns on the Watch service: a few streams that live through many other turns, each with a number
 * of watchers. Whoever plays a compaction must {@link #drain} before, since a watcher that still
 * reads old revisions may or may not be overtaken by it.
 */
final class WatchActs {
  private static final ByteString BIG = ByteString.copyFrom(new byte[450_000]);
  private static final KeyRange BIG_KEYS = KeyRange.prefix(Vocabulary.utf8("big/"));
  private static final int STREAMS = 3;
  private static final int WATCHERS = 12;
  private static final int FILTERS = 2;

  private final Vocabulary words;
  private final Dice dice;
  private final List<Stream> streams = new ArrayList<>();

  WatchActs(Vocabulary words) {
    this.words = words;
    this.dice = words.dice();
  }

  /** A pair of streams and the ids of the watchers on it. */
  private record Stream(WatchPair pair, List<Long> watchers) {}

  void create(Duel duel) throws InterruptedException {
    Stream stream = someStream(duel);
    if (stream.watchers.size() >= WATCHERS) {
      retire(stream);
      return;
    }
    long start = dice.oneIn(3) ? dice.between(1, duel.revision() + 5) : 0;
    // Below the compact revision there is a turn of its own.
    long safe = start == 0 ? 0 : Math.max(start, duel.compacted() + 1);
    WatchCreateRequest.Builder create = watcher().setStartRevision(safe);
    if (dice.oneIn(5)) {
      create.setWatchId(dice.pick(0L, 5L, 40L + dice.below(4), -1L, -7L));
    }
    add(stream, create);
  }

  private void add(Stream stream, WatchCreateRequest.Builder create) throws InterruptedException {
    WatchRequest request = WatchRequest.newBuilder().setCreateRequest(create).build();
    for (WatchResponse response : stream.pair.ask(request, 1)) {
      if (response.getCreated() && !response.getCanceled()) {
        stream.watchers.add(response.getWatchId());
      }
    }
  }

  private WatchCreateRequest.Builder watcher() {
    ByteString key = words.key();
    WatchCreateRequest.Builder create =
        WatchCreateRequest.newBuilder()
            .setKey(key)
            .setRangeEnd(dice.coin() ? words.rangeEnd(key) : ByteString.EMPTY)
            .setPrevKv(dice.oneIn(3))
            .setFragment(dice.oneIn(3))
            .setProgressNotify(dice.oneIn(5));
    if (dice.oneIn(4)) {
      create.addFiltersValue(dice.enumNumber(FILTERS));
    }
    return create;
  }

  void cancel(Duel duel) throws InterruptedException {
    Stream stream = someStream(duel);
    stream.pair.drain();
    if (dice.oneIn(6)) {
      stream.pair.say(cancelOf(777));
      stream.pair.drain();
      return;
    }
    // The first watcher stays: a stream without any does not answer a request for progress.
    if (stream.watchers.size() > 1) {
      long id = stream.watchers.remove(1 + dice.below(stream.watchers.size() - 1));
      stream.pair.ask(cancelOf(id), 1);
    }
  }

  private static WatchRequest cancelOf(long id) {
    return WatchRequest.newBuilder()
        .setCancelRequest(WatchCancelRequest.newBuilder().setWatchId(id))
        .build();
  }

  /** A watcher that begins where history is gone. On a stream of its own, which it may spoil. */
  void belowCompaction(Duel duel) throws InterruptedException {
    if (duel.compacted() < 2) {
      return;
    }
    try (WatchPair pair = new WatchPair(duel, "")) {
      WatchCreateRequest.Builder create =
          watcher().clearFilters().setStartRevision(dice.between(1, duel.compacted() - 1));
      pair.ask(WatchRequest.newBuilder().setCreateRequest(create).build(), 2);
      pair.finish();
    }
  }

  /** A request that asks for nothing, and one with a negative revision. */
  void malformed(Duel duel) throws InterruptedException {
    try (WatchPair pair = new WatchPair(duel, "")) {
      if (dice.coin()) {
        pair.say(WatchRequest.getDefaultInstance());
      }
      WatchCreateRequest.Builder create = watcher().setStartRevision(dice.oneIn(3) ? -5 : 0);
      pair.ask(WatchRequest.newBuilder().setCreateRequest(create).build(), 1);
      pair.finish();
    }
  }

  /**
   * One revision whose events are too large for one response of a watcher that wants pieces. How
   * several revisions are packed is each server's own affair.
   */
  void fragments(Duel duel) throws InterruptedException {
    TxnRequest.Builder puts = TxnRequest.newBuilder();
    for (int i = 0; i < 3; i++) {
      ByteString key = BIG_KEYS.start().concat(Vocabulary.utf8(Integer.toString(i)));
      puts.addSuccess(
          RequestOp.newBuilder().setRequestPut(PutRequest.newBuilder().setKey(key).setValue(BIG)));
    }
    duel.call("KV/Txn", puts.build());
    long second = duel.revision() + 1;
    duel.call("KV/Txn", puts.build());
    try (WatchPair pair = new WatchPair(duel, "")) {
      WatchCreateRequest.Builder create =
          WatchCreateRequest.newBuilder()
              .setKey(BIG_KEYS.start())
              .setRangeEnd(BIG_KEYS.end())
              .setStartRevision(second)
              .setFragment(dice.coin())
              .setPrevKv(dice.coin());
      pair.ask(WatchRequest.newBuilder().setCreateRequest(create).build(), 1);
      pair.drain();
      pair.compareFragments();
    }
    duel.call(
        "KV/DeleteRange",
        DeleteRangeRequest.newBuilder()
            .setKey(BIG_KEYS.start())
            .setRangeEnd(BIG_KEYS.end())
            .build());
  }

  /** Waits until every watcher knows everything, and compares. */
  void drain(Duel duel) throws InterruptedException {
    for (Stream stream : streams) {
      stream.pair.drain();
    }
  }

  /** Compares and ends all streams. */
  void retireAll() throws InterruptedException {
    for (Stream stream : List.copyOf(streams)) {
      retire(stream);
    }
  }

  private void retire(Stream stream) throws InterruptedException {
    streams.remove(stream);
    try (WatchPair pair = stream.pair) {
      pair.drain();
      pair.finish();
    }
  }

  private Stream someStream(Duel duel) throws InterruptedException {
    if (streams.size() < STREAMS) {
      Stream stream = new Stream(new WatchPair(duel, ""), new ArrayList<>());
      streams.add(stream);
      add(stream, WatchCreateRequest.newBuilder().setKey(Vocabulary.utf8("never written")));
    }
    return dice.pick(streams);
  }
}
