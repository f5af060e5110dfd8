package io.lodestone.conformance.cluster;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.lodestone.api.etcdserverpb.Compare;
import io.lodestone.api.etcdserverpb.Compare.CompareResult;
import io.lodestone.api.etcdserverpb.Compare.CompareTarget;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RangeResponse;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.api.etcdserverpb.TxnResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Reads, writes, counts up and moves between two keys, each time at any member, and records what it
 * is told. What fails is left open: it may have happened. A thread.
 */
final class Client extends Thread {
  static final String COUNTER = "h/counter";

  private final List<ManagedChannel> channels = new ArrayList<>();
  private final Observed observed;
  private final ConcurrentLinkedQueue<Throwable> surprises;
  private final Random random;
  private final String own;
  private final AtomicBoolean stopping = new AtomicBoolean();
  private int count;

  Client(
      int number,
      List<String> endpoints,
      Observed observed,
      ConcurrentLinkedQueue<Throwable> surprises,
      long seed) {
    super("history-client-" + number);
    this.observed = observed;
    this.surprises = surprises;
    this.random = new Random(seed + number);
    this.own = "h/client" + number;
    for (String endpoint : endpoints) {
      channels.add(NettyChannelBuilder.forTarget(endpoint).usePlaintext().build());
    }
  }

  void finish() throws InterruptedException {
    stopping.set(true);
    join();
    channels.forEach(ManagedChannel::shutdownNow);
  }

  @Override
  public void run() {
    while (!stopping.get()) {
      try {
        step(anyMember());
      } catch (StatusRuntimeException e) {
        if (Refusal.of(e.getStatus()) != Refusal.OPEN) {
          surprises.add(e);
        }
      } catch (RuntimeException e) {
        surprises.add(e);
      }
    }
  }

  private KVGrpc.KVBlockingStub anyMember() {
    ManagedChannel channel = channels.get(random.nextInt(channels.size()));
    channel.resetConnectBackoff();
    return KVGrpc.newBlockingStub(channel).withDeadlineAfter(2, TimeUnit.SECONDS);
  }

  private void step(KVGrpc.KVBlockingStub member) {
    switch (random.nextInt(4)) {
      case 0 -> put(member);
      case 1 -> read(member, own);
      case 2 -> read(member, COUNTER);
      default -> countUp(member);
    }
  }

  private void put(KVGrpc.KVBlockingStub member) {
    String value = own + "-" + count++;
    long revision = member.put(put(own, value)).getHeader().getRevision();
    observed.written(own, value, revision);
  }

  private static PutRequest put(String key, String value) {
    return PutRequest.newBuilder()
        .setKey(ByteString.copyFromUtf8(key))
        .setValue(ByteString.copyFromUtf8(value))
        .build();
  }

  private RangeResponse read(KVGrpc.KVBlockingStub member, String key) {
    long atLeast = observed.newest();
    RangeResponse found =
        member.range(RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build());
    String value = found.getCount() == 0 ? "" : found.getKvs(0).getValue().toStringUtf8();
    observed.read(key, value, atLeast, found.getHeader().getRevision());
    return found;
  }

  /** Compare and swap, of two keys at once: the counter, and who was last. */
  private void countUp(KVGrpc.KVBlockingStub member) {
    RangeResponse found = read(member, COUNTER);
    boolean absent = found.getCount() == 0;
    long now = absent ? 0 : Long.parseLong(found.getKvs(0).getValue().toStringUtf8());
    TxnRequest swap =
        TxnRequest.newBuilder()
            .addCompare(
                Compare.newBuilder()
                    .setKey(ByteString.copyFromUtf8(COUNTER))
                    .setTarget(CompareTarget.MOD)
                    .setResult(CompareResult.EQUAL)
                    .setModRevision(absent ? 0 : found.getKvs(0).getModRevision()))
            .addSuccess(RequestOp.newBuilder().setRequestPut(put(COUNTER, "" + (now + 1))))
            .addSuccess(RequestOp.newBuilder().setRequestPut(put(COUNTER + "/by", own)))
            .build();
    TxnResponse swapped = member.txn(swap);
    if (swapped.getSucceeded()) {
      long revision = swapped.getHeader().getRevision();
      observed.written(COUNTER, "" + (now + 1), revision);
      observed.written(COUNTER + "/by", own, revision);
    }
  }
}
