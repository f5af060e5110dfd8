package io.lodestone.server.watch;

import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.lodestone.api.etcdserverpb.WatchGrpc;
import io.lodestone.api.etcdserverpb.WatchRequest;
import io.lodestone.api.etcdserverpb.WatchResponse;
import io.lodestone.mvcc.watch.WatchHub;
import io.lodestone.server.call.Access;
import io.lodestone.server.call.ResponseHeaders;
import io.lodestone.server.metrics.WatchMetrics;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;

/** etcd's Watch service. Thread-safe; never blocks. */
public final class WatchService implements BindableService {
  private static final long OVERHEAD_BYTES = 512 << 10;
  private static final long ROOM_BYTES = 32 << 20;

  private final WatchHub hub;
  private final Access access;
  private final Answering answering;
  private final ProgressTimer.Interval progress;
  private final WatchMetrics metrics;
  private final SharedRoom room = new SharedRoom(ROOM_BYTES);

  /**
   * @param maxRequestBytes responses to who wants fragments stay below this and half a MiB
   * @param progressInterval of idle watchers that want to hear of progress
   * @param timer for these
   */
  public WatchService(
      WatchHub hub,
      Access access,
      ResponseHeaders headers,
      long maxRequestBytes,
      Duration progressInterval,
      WatchMetrics metrics,
      ScheduledExecutorService timer) {
    this.hub = hub;
    this.access = access;
    this.answering = new Answering(headers, maxRequestBytes + OVERHEAD_BYTES);
    this.metrics = metrics;
    this.progress = new ProgressTimer.Interval(progressInterval, timer);
  }

  @Override
  public ServerServiceDefinition bindService() {
    MethodDescriptor<WatchRequest, WatchAnswer> watch = method(WatchGrpc.getWatchMethod());
    ServiceDescriptor service =
        ServiceDescriptor.newBuilder(WatchGrpc.SERVICE_NAME)
            .setSchemaDescriptor(WatchGrpc.getServiceDescriptor().getSchemaDescriptor())
            .addMethod(watch)
            .build();
    return ServerServiceDefinition.builder(service)
        .addMethod(watch, ServerCalls.asyncBidiStreamingCall(this::open))
        .build();
  }

  private static MethodDescriptor<WatchRequest, WatchAnswer> method(
      MethodDescriptor<WatchRequest, WatchResponse> generated) {
    return generated.toBuilder(generated.getRequestMarshaller(), new WatchAnswerMarshaller())
        .build();
  }

  private StreamObserver<WatchRequest> open(StreamObserver<WatchAnswer> client) {
    WatchStream stream =
        new WatchStream(
            hub,
            access,
            answering,
            room,
            progress,
            metrics,
            (ServerCallStreamObserver<WatchAnswer>) client);
    stream.start();
    return stream;
  }
}
