import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.opensearch.Version;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.Node;
import org.opensearch.plugins.PluginInfo;

/** One OpenSearch node in a process of its own, put together from the modules that the site's search needs. */
public class SearchNode extends Node {
    // No painless: a query of ours that asked for a script would fail here.
    private static final List<String> MODULES = List.of(
        "org.opensearch.transport.Netty4ModulePlugin",
        "org.opensearch.analysis.common.CommonAnalysisModulePlugin",
        "org.opensearch.index.mapper.MapperExtrasModulePlugin",
        "org.opensearch.index.reindex.ReindexModulePlugin",
        "org.opensearch.geo.GeoModulePlugin"
    );

    private SearchNode(Environment environment) {
        super(environment, MODULES.stream().map(SearchNode::module).collect(Collectors.toList()), true);
    }

    private static PluginInfo module(String className) {
        String name = className.substring(className.lastIndexOf('.') + 1);
        return new PluginInfo(name, name, "1", Version.CURRENT, "21", className, null, List.of(), false);
    }

    /** Settings as key=value, path.home among them. Runs until SIGTERM. */
    public static void main(String[] arguments) throws Exception {
        Settings.Builder settings = Settings.builder();
        Map<String, String> given = Stream.of(arguments).map(argument -> argument.split("=", 2))
            .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
        given.forEach((key, value) -> {
            if (value.contains(",")) {
                settings.putList(key, value.split(","));
            } else {
                settings.put(key, value);
            }
        });
        Node node = new SearchNode(new Environment(settings.build(), Path.of(given.get("path.home"), "config")));
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                node.close();
            } catch (Exception error) {
                error.printStackTrace();
            } finally {
                stopped.countDown();
            }
        }));
        node.start();
        stopped.await();
    }
}
