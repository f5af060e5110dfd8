package io.lodestone.conformance.cluster;

import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import io.lodestone.api.etcdserverpb.KVGrpc.KVBlockingStub;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.TxnRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Reads and writes what its landlord lets it, and what it did, each time at any member, and records
 * whether it was let. Logs in at any member, and shows the token at all. A thread.
 */
final class Lodger extends Thread {
  private final Session session;
  private final Landlord landlord;
  private final int members;
  private final Random random;
  private final Queue<Throwable> surprises;
  private final Queue<Round.Call> calls = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean stopping = new AtomicBoolean();

  Lodger(Session session, Landlord landlord, int members, long seed, Queue<Throwable> surprises) {
    super("lodger");
    this.session = session;
    this.landlord = landlord;
    this.members = members;
    this.random = new Random(seed);
    this.surprises = surprises;
  }

  List<Round.Call> finish() throws InterruptedException {
    stopping.set(true);
    join();
    session.close();
    return new ArrayList<>(calls);
  }

  @Override
  public void run() {
    while (!stopping.get()) {
      List<Round> rounds = landlord.rounds();
      if (!rounds.isEmpty()) {
        call(rounds.get(Math.max(0, rounds.size() - 1 - random.nextInt(3))));
      }
    }
  }

  private void call(Round round) {
    int member = random.nextInt(members);
    String what = List.of("put", "range", "txn", "read-only txn").get(random.nextInt(4));
    long began = System.nanoTime();
    try {
      if (!session.isLoggedIn()) {
        session.login(member);
        return;
      }
      call(session.kv(member), what, ByteString.copyFromUtf8(round.key()));
      record(new Round.Call(round, what, member, began, System.nanoTime(), true));
    } catch (StatusRuntimeException e) {
      switch (Refusal.of(e.getStatus())) {
        case DENIED -> record(new Round.Call(round, what, member, began, System.nanoTime(), false));
        case STALE -> session.forget();
        case OPEN -> {}
        case SURPRISE -> surprises.add(e);
      }
    }
  }

  private void record(Round.Call call) {
    calls.add(call);
    landlord.called();
  }

  private static void call(KVBlockingStub member, String what, ByteString key) {
    PutRequest put = PutRequest.newBuilder().setKey(key).build();
    RangeRequest range = RangeRequest.newBuilder().setKey(key).build();
    Object unused =
        switch (what) {
          case "put" -> member.put(put);
          case "range" -> member.range(range);
          case "txn" ->
              member.txn(
                  TxnRequest.newBuilder()
                      .addSuccess(RequestOp.newBuilder().setRequestPut(put))
                      .build());
          default ->
              member.txn(
                  TxnRequest.newBuilder()
                      .addSuccess(RequestOp.newBuilder().setRequestRange(range))
                      .build());
        };
  }
}
