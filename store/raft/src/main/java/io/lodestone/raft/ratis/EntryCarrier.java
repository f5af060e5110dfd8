package io.lodestone.raft.ratis;

import io.lodestone.raft.ConsensusException.Reason;
import io.lodestone.raft.Peer;
import io.lodestone.raft.ratis.Outbox.Delivery;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientAsynchronousProtocol;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;

/**
 * Brings commands into the log where this member leads, and to the leader where another does. Says
 * REFUSED only of what certainly did not get into any log. Thread-safe.
 */
final class EntryCarrier implements Outbox.Carrier {
  /** The division itself: by way of its server, an entry changes threads twice. */
  private final RaftClientAsynchronousProtocol division;

  private final RaftGroupMemberId self;
  private final ReplicatedMachine<?> machine;
  private final PeerCalls calls;
  private final PeerMethods methods;
  private final Duration patience;
  private final ClientId client = ClientId.randomId();
  private final AtomicLong callIds = new AtomicLong();

  EntryCarrier(
      RaftServer.Division division,
      ReplicatedMachine<?> machine,
      PeerCalls calls,
      PeerMethods methods,
      Duration patience) {
    this.division = (RaftClientAsynchronousProtocol) division;
    this.self = division.getMemberId();
    this.machine = machine;
    this.calls = calls;
    this.methods = methods;
    this.patience = patience;
  }

  @Override
  public CompletableFuture<Delivery> carry(Route route, List<byte[]> commands, int sizeBytes) {
    return route instanceof Route.There there
        ? pass(there.leader(), commands, sizeBytes)
        : append(Command.entry(commands, sizeBytes));
  }

  private CompletableFuture<Delivery> append(byte[] entry) {
    long callId = callIds.incrementAndGet();
    RaftClientRequest request =
        RaftClientRequest.newBuilder()
            .setClientId(client)
            .setServerId(self.getPeerId())
            .setGroupId(self.getGroupId())
            .setCallId(callId)
            .setMessage(Message.valueOf(UnsafeByteOperations.unsafeWrap(entry)))
            .setType(RaftClientRequest.writeRequestType())
            .build();
    try {
      return division
          .submitClientRequestAsync(request)
          .handle((reply, failure) -> delivery(callId, reply));
    } catch (IOException e) {
      return CompletableFuture.completedFuture(delivery(callId, null));
    }
  }

  /** {@code reply} is null where there was none. */
  private Delivery delivery(long callId, RaftClientReply reply) {
    boolean appended = machine.takeAppended(callId);
    boolean proposed = appended || (reply != null && reply.isSuccess());
    return proposed ? Delivery.PROPOSED : Delivery.REFUSED;
  }

  private CompletableFuture<Delivery> pass(Peer leader, List<byte[]> commands, int sizeBytes) {
    if (!calls.mayReach(leader)) {
      return CompletableFuture.completedFuture(Delivery.REFUSED);
    }
    byte[] message = Forwarded.message(Peers.id(self.getPeerId()), commands, sizeBytes);
    return calls
        .call(leader, methods.forward(), message, patience)
        .handle((answer, failure) -> failure == null ? Delivery.PROPOSED : delivery(failure));
  }

  private static Delivery delivery(Throwable failure) {
    boolean refused = PeerMethods.failure(failure, Reason.TIMED_OUT).reason() == Reason.NO_LEADER;
    return refused ? Delivery.REFUSED : Delivery.PROPOSED;
  }
}
