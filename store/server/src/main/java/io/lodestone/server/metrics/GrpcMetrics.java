package io.lodestone.server.metrics;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;

/** Counts calls, their messages and bytes. Thread-safe. */
public final class GrpcMetrics extends ServerStreamTracer.Factory implements ServerInterceptor {
  private static final String[] LABELS = {"grpc_type", "grpc_service", "grpc_method"};

  private static final Metadata.Key<String> CLIENT_VERSION =
      Metadata.Key.of("client-api-version", Metadata.ASCII_STRING_MARSHALLER);
  private static final double NANOS = 1e9;

  private final Counter started;
  private final Counter received;
  private final Counter sent;
  private final Counter handled;
  private final Counter clients;
  private final Optional<Histogram> times;
  private final Map<String, MethodMetrics> methods = new ConcurrentHashMap<>();
  private final LongAdder bytesIn = new LongAdder();
  private final LongAdder bytesOut = new LongAdder();
  private final ServerStreamTracer tracer = new BytesTracer();

  /** {@code extensive}: calls are timed as well. */
  GrpcMetrics(MetricList metrics, boolean extensive) {
    started = metrics.counters("grpc_server_started_total", "Calls begun.", LABELS);
    received = metrics.counters("grpc_server_msg_received_total", "Messages received.", LABELS);
    sent = metrics.counters("grpc_server_msg_sent_total", "Messages sent.", LABELS);
    clients =
        metrics.counters(
            "etcd_server_client_requests_total",
            "Calls by the clients' version.",
            "type",
            "client_api_version");
    times =
        extensive
            ? Optional.of(
                metrics.histograms(
                    "grpc_server_handling_seconds",
                    "How long calls took.",
                    Histogram.Builder.DEFAULT_CLASSIC_UPPER_BOUNDS,
                    LABELS))
            : Optional.empty();
    handled =
        metrics.counters(
            "grpc_server_handled_total",
            "Calls ended, whatever came of them.",
            "grpc_type",
            "grpc_service",
            "grpc_method",
            "grpc_code");
    metrics.counter(
        "etcd_network_client_grpc_received_bytes_total", "Bytes of requests.", bytesIn::sum);
    metrics.counter(
        "etcd_network_client_grpc_sent_bytes_total", "Bytes of responses.", bytesOut::sum);
  }

  /** Shows the methods of {@code services} before they are called. */
  public void announce(List<ServerServiceDefinition> services) {
    for (ServerServiceDefinition service : services) {
      service.getMethods().forEach(method -> of(method.getMethodDescriptor()));
    }
  }

  private MethodMetrics of(MethodDescriptor<?, ?> method) {
    MethodMetrics known = methods.get(method.getFullMethodName());
    return known != null
        ? known
        : methods.computeIfAbsent(method.getFullMethodName(), name -> new MethodMetrics(method));
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    MethodMetrics metrics = of(call.getMethodDescriptor());
    metrics.begun.inc();
    String version = headers.get(CLIENT_VERSION);
    clients.labelValues(metrics.clientType, version == null ? "unknown" : version).inc();
    CallEnd end = metrics.end();
    ServerCall<Q, A> counted =
        new SimpleForwardingServerCall<>(call) {
          @Override
          public void sendMessage(A message) {
            metrics.out.inc();
            super.sendMessage(message);
          }

          @Override
          public void close(Status status, Metadata trailers) {
            end.with(status);
            super.close(status, trailers);
          }
        };
    return new SimpleForwardingServerCallListener<>(next.startCall(counted, headers)) {
      @Override
      public void onMessage(Q message) {
        metrics.in.inc();
        super.onMessage(message);
      }

      @Override
      public void onCancel() {
        end.with(Status.CANCELLED);
        super.onCancel();
      }
    };
  }

  @Override
  public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
    return tracer;
  }

  /** Keeps nothing of a stream, so that one serves all. */
  private final class BytesTracer extends ServerStreamTracer {
    @Override
    public void inboundUncompressedSize(long bytes) {
      bytesIn.add(bytes);
    }

    @Override
    public void outboundUncompressedSize(long bytes) {
      bytesOut.add(bytes);
    }
  }

  /** The counters of one method, looked up once. */
  private final class MethodMetrics {
    private final String[] labels;
    private final CounterDataPoint begun;
    private final CounterDataPoint in;
    private final CounterDataPoint out;
    private final CounterDataPoint succeeded;
    private final Optional<DistributionDataPoint> time;
    private final String clientType;

    private MethodMetrics(MethodDescriptor<?, ?> method) {
      labels = new String[] {type(method), method.getServiceName(), method.getBareMethodName()};
      begun = started.labelValues(labels);
      in = received.labelValues(labels);
      out = sent.labelValues(labels);
      succeeded = handled.labelValues(labels[0], labels[1], labels[2], "OK");
      time = times.map(histogram -> histogram.labelValues(labels));
      clientType = method.getType() == MethodDescriptor.MethodType.UNARY ? "unary" : "stream";
    }

    private CallEnd end() {
      return new CallEnd(this, System.nanoTime());
    }

    private void ended(Status status, long nanos) {
      time.ifPresent(histogram -> histogram.observe(nanos / NANOS));
      if (status.isOk()) {
        succeeded.inc();
      } else {
        handled.labelValues(labels[0], labels[1], labels[2], goName(status.getCode())).inc();
      }
    }
  }

  /** The end of one call, which is counted once, whoever brings it about. Thread-safe. */
  private static final class CallEnd {
    private final MethodMetrics metrics;
    private final long began;
    private final AtomicBoolean over = new AtomicBoolean();

    private CallEnd(MethodMetrics metrics, long began) {
      this.metrics = metrics;
      this.began = began;
    }

    private void with(Status status) {
      if (!over.getAndSet(true)) {
        metrics.ended(status, System.nanoTime() - began);
      }
    }
  }

  private static String type(MethodDescriptor<?, ?> method) {
    return switch (method.getType()) {
      case UNARY -> "unary";
      case CLIENT_STREAMING -> "client_stream";
      case SERVER_STREAMING -> "server_stream";
      case BIDI_STREAMING, UNKNOWN -> "bidi_stream";
    };
  }

  /** {@code INVALID_ARGUMENT} is {@code InvalidArgument} in Go. */
  private static String goName(Status.Code code) {
    if (code == Status.Code.CANCELLED) {
      return "Canceled";
    }
    StringBuilder name = new StringBuilder();
    for (String word : code.name().split("_", -1)) {
      name.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
    }
    return name.toString();
  }
}
