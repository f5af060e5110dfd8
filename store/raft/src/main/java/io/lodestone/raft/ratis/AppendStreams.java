package io.lodestone.raft.ratis;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongConsumer;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.thirdparty.io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.ServerCall;
import org.apache.ratis.thirdparty.io.grpc.ServerCallHandler;
import org.apache.ratis.thirdparty.io.grpc.ServerInterceptor;

/**
 * Knows which members have an {@link AppendStream} to this one, and takes one append after the
 * other, whatever streams they come by: Ratis looks whether entries fit, and appends them, in two
 * steps. A member that was stopped for a while finds what came by a leader's last stream beside
 * what comes by its new one. Thread-safe.
 */
final class AppendStreams implements ServerInterceptor {
  private final LongConsumer ended;
  private final Map<Long, Integer> open = new ConcurrentHashMap<>();
  private final Object appending = new Object();

  /** {@code ended} is told, on the network's thread, whose last stream has ended. */
  AppendStreams(LongConsumer ended) {
    this.ended = ended;
  }

  boolean isOpen(long member) {
    return open.containsKey(member);
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
      private long member;

      @Override
      public void onMessage(Q message) {
        if (message instanceof AppendEntriesRequestProto request) {
          append(message, request);
        } else {
          super.onMessage(message);
        }
      }

      private void append(Q message, AppendEntriesRequestProto request) {
        if (member == 0) {
          member = Peers.id(request.getServerRequest().getRequestorId());
          open.merge(member, 1, Integer::sum);
        }
        synchronized (appending) {
          super.onMessage(message);
        }
      }

      @Override
      public void onCancel() {
        super.onCancel();
        end();
      }

      @Override
      public void onComplete() {
        super.onComplete();
        end();
      }

      private void end() {
        if (member != 0 && open.computeIfPresent(member, (id, count) -> less(count)) == null) {
          ended.accept(member);
        }
      }
    };
  }

  /** Null for none. */
  private static Integer less(int count) {
    return count == 1 ? null : count - 1;
  }
}
