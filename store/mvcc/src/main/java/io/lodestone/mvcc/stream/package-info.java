/**
 * The engine as a source and as a sink of revisions. Start reading at {@link EngineSource} and
 * {@link EngineSink}.
 */
package io.lodestone.mvcc.stream;
