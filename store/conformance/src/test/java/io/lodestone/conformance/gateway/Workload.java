package io.lodestone.conformance.gateway;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.lodestone.api.etcdserverpb.CompactionRequest;
import io.lodestone.api.etcdserverpb.Compare;
import io.lodestone.api.etcdserverpb.DefragmentRequest;
import io.lodestone.api.etcdserverpb.DeleteRangeRequest;
import io.lodestone.api.etcdserverpb.HashKVRequest;
import io.lodestone.api.etcdserverpb.HashRequest;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.LeaseGrantRequest;
import io.lodestone.api.etcdserverpb.LeaseGrpc;
import io.lodestone.api.etcdserverpb.LeaseKeepAliveRequest;
import io.lodestone.api.etcdserverpb.LeaseKeepAliveResponse;
import io.lodestone.api.etcdserverpb.LeaseRevokeRequest;
import io.lodestone.api.etcdserverpb.MaintenanceGrpc;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.SnapshotRequest;
import io.lodestone.api.etcdserverpb.SnapshotResponse;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.api.etcdserverpb.WatchCreateRequest;
import io.lodestone.api.etcdserverpb.WatchGrpc;
import io.lodestone.api.etcdserverpb.WatchRequest;
import io.lodestone.api.etcdserverpb.WatchResponse;
import io.lodestone.conformance.Contestant;
import java.io.IOException;
import java.util.Iterator;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Something of everything that is counted: each kind of write and read, refusals, leases, watches
 * (which stay open until it is closed), compaction and maintenance. Confined to one thread.
 */
final class Workload implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 10;
  private static final ByteString A = ByteString.copyFromUtf8("a");
  private static final ByteString B = ByteString.copyFromUtf8("b");
  private static final ByteString Z = ByteString.copyFromUtf8("z");
  private static final long LEASE = 7;
  private static final long LONG_LEASE = 8;

  private final Contestant contestant;
  private final ManagedChannel channel;
  private final KVGrpc.KVBlockingStub kv;

  Workload(Contestant contestant) {
    this.contestant = contestant;
    String[] endpoint = contestant.endpoint().split(":", -1);
    channel =
        NettyChannelBuilder.forAddress(endpoint[0], Integer.parseInt(endpoint[1]))
            .usePlaintext()
            .build();
    kv = KVGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
  }

  void run() throws IOException, InterruptedException {
    writeAndRead();
    transact();
    useLeases();
    watch();
    maintain();
  }

  private void writeAndRead() {
    var unused = kv.put(put(A, "1").build());
    unused = kv.put(put(A, "22").setPrevKv(true).build());
    unused = kv.put(PutRequest.newBuilder().setKey(A).setIgnoreValue(true).build());
    unused = kv.put(put(B, "333").build());
    refused(() -> kv.put(put(B, "4").setLease(99).build()));
    read(RangeRequest.newBuilder().setKey(A));
    read(RangeRequest.newBuilder().setKey(A).setRangeEnd(Z));
    read(RangeRequest.newBuilder().setKey(A).setSerializable(true));
    refused(() -> kv.range(RangeRequest.newBuilder().setKey(A).setRevision(1000).build()));
    delete(DeleteRangeRequest.newBuilder().setKey(A).setRangeEnd(Z).setPrevKv(true));
    delete(DeleteRangeRequest.newBuilder().setKey(A));
    unused = kv.put(put(A, "5").build());
    unused = kv.put(put(B, "6").build());
  }

  private static PutRequest.Builder put(ByteString key, String value) {
    return PutRequest.newBuilder().setKey(key).setValue(ByteString.copyFromUtf8(value));
  }

  private void read(RangeRequest.Builder request) {
    var unused = kv.range(request.build());
  }

  private void delete(DeleteRangeRequest.Builder request) {
    var unused = kv.deleteRange(request.build());
  }

  private static void refused(Runnable call) {
    try {
      call.run();
    } catch (StatusRuntimeException e) {
      return;
    }
    throw new AssertionError("this was to be refused");
  }

  private void transact() {
    Compare exists =
        Compare.newBuilder()
            .setKey(A)
            .setTarget(Compare.CompareTarget.VERSION)
            .setResult(Compare.CompareResult.GREATER)
            .build();
    RequestOp read =
        RequestOp.newBuilder().setRequestRange(RangeRequest.newBuilder().setKey(A)).build();
    RequestOp write = RequestOp.newBuilder().setRequestPut(put(A, "7").setPrevKv(true)).build();
    RequestOp keep =
        RequestOp.newBuilder()
            .setRequestPut(PutRequest.newBuilder().setKey(B).setIgnoreValue(true))
            .build();
    RequestOp nested =
        RequestOp.newBuilder()
            .setRequestTxn(TxnRequest.newBuilder().addCompare(exists).addSuccess(keep))
            .build();
    RequestOp remove =
        RequestOp.newBuilder()
            .setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(Z))
            .build();
    transact(TxnRequest.newBuilder().addCompare(exists).addSuccess(read));
    transact(TxnRequest.newBuilder().addSuccess(read));
    transact(TxnRequest.newBuilder().addCompare(exists).addSuccess(write).addFailure(remove));
    transact(TxnRequest.newBuilder().addCompare(exists.toBuilder().setKey(Z)).addFailure(remove));
    transact(TxnRequest.newBuilder().addCompare(exists).addSuccess(nested).addSuccess(read));
  }

  private void transact(TxnRequest.Builder request) {
    var unused = kv.txn(request.build());
  }

  private void useLeases() throws InterruptedException {
    LeaseGrpc.LeaseBlockingStub leases = LeaseGrpc.newBlockingStub(channel);
    var unused = leases.leaseGrant(lease(LEASE, 90));
    unused = leases.leaseGrant(lease(LONG_LEASE, 5000));
    refused(() -> leases.leaseGrant(lease(LONG_LEASE, 5)));
    putAttached("l1", LONG_LEASE);
    putAttached("l2", LEASE);
    putAttached("l3", LEASE);
    renew(LEASE);
    renew(99);
    var revoked = leases.leaseRevoke(LeaseRevokeRequest.newBuilder().setID(LEASE).build());
    if (revoked.getHeader().getRevision() == 0) {
      throw new AssertionError("the lease was not revoked");
    }
    refused(() -> leases.leaseRevoke(LeaseRevokeRequest.newBuilder().setID(LEASE).build()));
  }

  private static LeaseGrantRequest lease(long id, long ttlSeconds) {
    return LeaseGrantRequest.newBuilder().setID(id).setTTL(ttlSeconds).build();
  }

  private void putAttached(String key, long lease) {
    var unused = kv.put(put(ByteString.copyFromUtf8(key), "").setLease(lease).build());
  }

  private void renew(long lease) throws InterruptedException {
    Answers<LeaseKeepAliveResponse> answers = new Answers<>();
    StreamObserver<LeaseKeepAliveRequest> stream =
        LeaseGrpc.newStub(channel).leaseKeepAlive(answers);
    stream.onNext(LeaseKeepAliveRequest.newBuilder().setID(lease).build());
    answers.next();
    stream.onCompleted();
  }

  private void watch() throws InterruptedException {
    Answers<WatchResponse> answers = new Answers<>();
    StreamObserver<WatchRequest> stream = WatchGrpc.newStub(channel).watch(answers);
    create(stream, answers, WatchCreateRequest.newBuilder().setKey(A));
    create(stream, answers, WatchCreateRequest.newBuilder().setKey(B).setRangeEnd(Z));
    var unused = kv.put(put(A, "8").build());
    answers.next();
    unused = kv.put(put(B, "9").build());
    answers.next();
    create(stream, answers, WatchCreateRequest.newBuilder().setKey(A).setStartRevision(2));
    answers.next();
    Answers<WatchResponse> gone = new Answers<>();
    StreamObserver<WatchRequest> leaving = WatchGrpc.newStub(channel).watch(gone);
    create(leaving, gone, WatchCreateRequest.newBuilder().setKey(A));
    leaving.onError(Status.CANCELLED.asRuntimeException());
  }

  private static void create(
      StreamObserver<WatchRequest> stream,
      Answers<WatchResponse> answers,
      WatchCreateRequest.Builder request)
      throws InterruptedException {
    stream.onNext(WatchRequest.newBuilder().setCreateRequest(request).build());
    if (!answers.next().getCreated()) {
      throw new AssertionError("the watch was not created");
    }
  }

  private void maintain() throws IOException, InterruptedException {
    MaintenanceGrpc.MaintenanceBlockingStub maintenance = MaintenanceGrpc.newBlockingStub(channel);
    var hash = maintenance.hash(HashRequest.getDefaultInstance());
    var hashKv = maintenance.hashKV(HashKVRequest.getDefaultInstance());
    long revision = hashKv.getHeader().getRevision();
    if (hash.getHeader().getRevision() != revision) {
      throw new AssertionError("somebody else writes to " + contestant.name());
    }
    var unused = kv.compact(compaction(revision));
    refused(() -> kv.compact(compaction(2)));
    var unusedAnswer = maintenance.defragment(DefragmentRequest.getDefaultInstance());
    long bytes = 0;
    Iterator<SnapshotResponse> snapshot =
        maintenance.snapshot(SnapshotRequest.getDefaultInstance());
    while (snapshot.hasNext()) {
      bytes += snapshot.next().getBlob().size();
    }
    if (bytes == 0) {
      throw new AssertionError("no snapshot came of " + contestant.name());
    }
    new Browser(contestant).send(Exchange.get("/health"));
  }

  private static CompactionRequest compaction(long revision) {
    return CompactionRequest.newBuilder().setRevision(revision).setPhysical(true).build();
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }

  /** What a stream has told, one after another. */
  private static final class Answers<T> implements StreamObserver<T> {
    private final BlockingQueue<T> heard = new LinkedBlockingQueue<>();

    T next() throws InterruptedException {
      T answer = heard.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (answer == null) {
        throw new AssertionError("no answer in " + PATIENCE_SECONDS + " s");
      }
      return answer;
    }

    @Override
    public void onNext(T answer) {
      heard.add(answer);
    }

    @Override
    public void onError(Throwable t) {
      // Who waits for an answer misses it.
    }

    @Override
    public void onCompleted() {}
  }
}
