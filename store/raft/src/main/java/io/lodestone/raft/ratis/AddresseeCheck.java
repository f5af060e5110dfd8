package io.lodestone.raft.ratis;

import java.util.Optional;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.ServerCall;
import org.apache.ratis.thirdparty.io.grpc.ServerCallHandler;
import org.apache.ratis.thirdparty.io.grpc.ServerInterceptor;
import org.apache.ratis.thirdparty.io.grpc.Status;

/**
 * Refuses what Ratis says to another member. One that was replaced has had the address of the new
 * one, and a leader may not have heard of that yet, or not have ended what it does for the old one:
 * the new one would then be sent a log whose beginning it does not have, and be asked for the other
 * one's vote. Ratis looks at the group only. Thread-safe.
 */
final class AddresseeCheck implements ServerInterceptor {
  private final ByteString self;

  AddresseeCheck(RaftPeerId self) {
    this.self = self.toByteString();
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
      private boolean refused;

      @Override
      public void onMessage(Q message) {
        if (refused || isForAnother(message)) {
          refuse(call);
        } else {
          super.onMessage(message);
        }
      }

      private void refuse(ServerCall<Q, A> call) {
        if (!refused) {
          refused = true;
          call.close(
              Status.FAILED_PRECONDITION.withDescription("another member is at this address"),
              new Metadata());
        }
      }

      @Override
      public void onHalfClose() {
        if (!refused) {
          super.onHalfClose();
        }
      }
    };
  }

  private boolean isForAnother(Object message) {
    return header(message).filter(header -> !header.getReplyId().equals(self)).isPresent();
  }

  private static Optional<RaftRpcRequestProto> header(Object message) {
    if (message instanceof AppendEntriesRequestProto request) {
      return Optional.of(request.getServerRequest());
    }
    if (message instanceof InstallSnapshotRequestProto request) {
      return Optional.of(request.getServerRequest());
    }
    if (message instanceof RequestVoteRequestProto request) {
      return Optional.of(request.getServerRequest());
    }
    if (message instanceof StartLeaderElectionRequestProto request) {
      return Optional.of(request.getServerRequest());
    }
    return Optional.empty();
  }
}
