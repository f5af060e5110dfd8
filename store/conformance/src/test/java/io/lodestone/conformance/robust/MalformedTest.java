package io.lodestone.conformance.robust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.conformance.Contestant;
import io.lodestone.conformance.Contestants;
import io.lodestone.peers.Commands;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes that mean nothing: answered as stock etcd answers them, and the next client is served. */
@Timeout(60)
final class MalformedTest {
  private static final String GET = "GET /version HTTP/1.1\r\nHost: a\r\n";
  private static final String RANGE = "POST /v3/kv/range HTTP/1.1\r\nHost: a\r\n";
  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  private static final Map<String, ManagedChannel> CHANNELS = new TreeMap<>();

  @TempDir static Path folder;
  private static Contestant stock;
  private static Contestant ours;

  @BeforeAll
  static void start() throws Exception {
    stock = Contestants.REFERENCE.startHasty(folder.resolve("stock"));
    ours = Contestants.candidate().startHasty(folder.resolve("ours"));
    for (Contestant each : new Contestant[] {stock, ours}) {
      CHANNELS.put(
          each.endpoint(), NettyChannelBuilder.forTarget(each.endpoint()).usePlaintext().build());
    }
  }

  @AfterAll
  static void stop() {
    CHANNELS.values().forEach(ManagedChannel::shutdownNow);
    stock.close();
    ours.close();
  }

  @AfterEach
  void serveOn() throws IOException {
    PutRequest put = PutRequest.newBuilder().setKey(ByteString.copyFromUtf8("k")).build();
    KVGrpc.newBlockingStub(CHANNELS.get(ours.endpoint())).put(put);
    assertThat(RawConnection.statusLine(ours.endpoint(), bytes(GET + "\r\n")))
        .isEqualTo("HTTP/1.1 200 OK");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private void assertSameStatusLine(String request) throws IOException {
    String told = RawConnection.statusLine(stock.endpoint(), bytes(request));

    assertThat(RawConnection.statusLine(ours.endpoint(), bytes(request)))
        .as(request.substring(0, Math.min(200, request.length())))
        .isEqualTo(told)
        .startsWith("HTTP/1.1 ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /version HTTP/1.1\r\n\r\n",
        GET + "Host: b\r\n\r\n",
        GET + "no colon here\r\n\r\n",
        GET + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n",
        RANGE + "Content-Length: x\r\n\r\n{}",
        RANGE + "Content-Length: -5\r\n\r\n{}",
        RANGE + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        RANGE + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        RANGE + "Transfer-Encoding: strange\r\n\r\n{}",
        RANGE + "Content-Length: 2\r\nExpect: strange\r\n\r\n{}",
      })
  void brokenHttpIsAnsweredAsByStockEtcd(String request) throws IOException {
    assertSameStatusLine(request);
  }

  @Test
  void largeHeadersAreRead() throws IOException {
    assertSameStatusLine(GET + "X: " + "a".repeat(60_000) + "\r\n\r\n");
    assertSameStatusLine(GET + "X: 1\r\n".repeat(3000) + "\r\n");
  }

  @Test
  void hugeHeadersAreTooLarge() throws IOException {
    assertSameStatusLine(GET + "X: " + "a".repeat(2_000_000) + "\r\n\r\n");
    assertSameStatusLine(GET + "X: 1\r\n".repeat(400_000) + "\r\n");
  }

  /** Stock etcd hangs up without a word; here some are told. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "\0\1\2\3garbage\r\n\r\n",
        "GET\r\n\r\n",
        "GET /version HTTP/9.9\r\nHost: a\r\n\r\n",
      })
  void garbageEndsTheConnection(String request) throws IOException {
    assertThat(RawConnection.statusLine(stock.endpoint(), bytes(request))).isEmpty();
    assertThat(RawConnection.statusLine(ours.endpoint(), bytes(request)))
        .isEqualTo("HTTP/1.1 400 Bad Request");
  }

  @Test
  void tlsOnAPlainPortIsRefused() throws IOException {
    byte[] hello = HexFormat.of().parseHex("16030100c8010000c40303" + "01".repeat(194));

    assertThat(RawConnection.statusLine(ours.endpoint(), hello)).startsWith("HTTP/1.1 400");
  }

  /** Frames that break the rules of HTTP/2: the connection ends, on both. */
  @ParameterizedTest
  @ValueSource(strings = {"\u00ff", "\0\0\0\4\0\0\0\0\0\u00ff\u00ff\u00ff\0\0\0\0\0\1"})
  void brokenFramesEndTheConnection(String frames) throws IOException {
    byte[] request = bytes(PREFACE + frames + "\u00ff".repeat(100));

    assertThat(RawConnection.statusLine(stock.endpoint(), request)).doesNotContain("HTTP/1.1");
    assertThat(RawConnection.statusLine(ours.endpoint(), request)).doesNotContain("HTTP/1.1");
  }

  private static final MethodDescriptor.Marshaller<byte[]> BYTES =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] bytes) {
          return new ByteArrayInputStream(bytes);
        }

        @Override
        public byte[] parse(InputStream stream) {
          try {
            return stream.readAllBytes();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      };

  private Status refusal(Contestant of, String method, byte[] request, CallOptions options) {
    MethodDescriptor<byte[], byte[]> raw =
        MethodDescriptor.newBuilder(BYTES, BYTES)
            .setFullMethodName(method)
            .setType(MethodDescriptor.MethodType.UNARY)
            .build();
    ManagedChannel channel = CHANNELS.get(of.endpoint());
    return catchThrowableOfType(
            StatusRuntimeException.class,
            () -> ClientCalls.blockingUnaryCall(channel, raw, options, request))
        .getStatus();
  }

  private void assertSameRefusal(String method, byte[] request, CallOptions options) {
    Status told = refusal(stock, method, request, options);
    Status here = refusal(ours, method, request, options);

    assertThat(here.getCode()).as(here + " instead of " + told).isEqualTo(told.getCode());
    assertThat(withoutParser(here)).isEqualTo(withoutParser(told));
  }

  /** What follows are the words of the parser. */
  private static String withoutParser(Status status) {
    return String.valueOf(status.getDescription()).replaceFirst("(unmarshalling request:).*", "$1");
  }

  private void assertSameRefusal(String method, byte[] request) {
    assertSameRefusal(method, request, CallOptions.DEFAULT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "etcdserverpb.KV/Put",
        "etcdserverpb.KV/Range",
        "etcdserverpb.KV/Txn",
        "etcdserverpb.KV/DeleteRange",
        "etcdserverpb.KV/Compact",
        "etcdserverpb.Lease/LeaseGrant",
        "etcdserverpb.Cluster/MemberAdd",
        "etcdserverpb.Maintenance/Alarm",
        "etcdserverpb.Auth/Authenticate",
        "v3lockpb.Lock/Lock",
      })
  void bytesThatAreNoMessageAreRefused(String method) {
    for (String hex : new String[] {"0a0501", "07", "ff", "0a8080808080808080808001", "0b"}) {
      assertSameRefusal(method, HexFormat.of().parseHex(hex));
    }
  }

  @Test
  void aMessageThatIsTooLargeIsRefused() {
    assertSameRefusal("etcdserverpb.KV/Put", new byte[3_000_000]);
  }

  @Test
  void compressedMessagesAreTreatedAsByStockEtcd() {
    assertSameRefusal(
        "etcdserverpb.KV/Put", new byte[2000], CallOptions.DEFAULT.withCompression("gzip"));
  }

  /**
   * The HTTP status of an empty Range over HTTP/2; the words behind it are those of the gRPC
   * library.
   */
  private static String http2Status(Contestant of, String... more) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of("curl", "-s", "--max-time", "5", "--http2-prior-knowledge", "-o", "/dev/null"));
    command.addAll(List.of("-w", "%{http_code}"));
    command.addAll(List.of(more));
    command.add("http://" + of.endpoint() + "/etcdserverpb.KV/Range");
    return Commands.run(command);
  }

  @ParameterizedTest
  @ValueSource(strings = {"application/grpcx", "application/json", "text/plain", ""})
  void contentTypesThatAreNotGrpcAreRefusedAsByStockEtcd(String type) throws Exception {
    String[] post = {"-X", "POST", "-H", "content-type: " + type};

    assertThat(http2Status(ours, post)).isEqualTo(http2Status(stock, post)).isNotEqualTo("000");
  }

  @Test
  void aGetOverHttp2IsNoCall() throws Exception {
    String[] get = {"-H", "content-type: application/grpc"};

    assertThat(http2Status(ours, get)).isEqualTo(http2Status(stock, get)).isEqualTo("405");
  }

  /** A token may be long: far beyond what gRPC takes without being told. */
  @ParameterizedTest
  @ValueSource(ints = {20_000, 900_000})
  void largeMetadataIsRead(int bytes) {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("x", Metadata.ASCII_STRING_MARSHALLER), "a".repeat(bytes));
    for (Contestant each : new Contestant[] {stock, ours}) {
      PutRequest put = PutRequest.newBuilder().setKey(ByteString.copyFromUtf8("k")).build();

      KVGrpc.newBlockingStub(CHANNELS.get(each.endpoint()))
          .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
          .put(put);
    }
  }

  @Test
  void moreMetadataThanThatIsRefused() {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("x", Metadata.ASCII_STRING_MARSHALLER), "a".repeat(20 << 20));
    for (Contestant each : new Contestant[] {stock, ours}) {
      KVGrpc.KVBlockingStub stub =
          KVGrpc.newBlockingStub(CHANNELS.get(each.endpoint()))
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));

      assertThatThrownBy(() -> stub.put(PutRequest.getDefaultInstance()))
          .isInstanceOf(StatusRuntimeException.class);
    }
  }
}
