import java.io.File;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.MiniDFSCluster;

/**
 * A name node and a data node on loopback. Arguments: their folder, and the owner of the folder /shops. It prints the port that
 * Hadoop's own clients use, and then that of the name node's HTTP server.
 */
public class MiniHdfs {
  public static void main(String[] arguments) throws Exception {
    Configuration conf = new Configuration();
    conf.set("dfs.client.block.write.locateFollowingBlock.initial.delay.ms", "10");
    // So that a listing of a thousand files has several pages.
    conf.set("dfs.ls.limit", "100");
    MiniDFSCluster cluster = new MiniDFSCluster.Builder(conf, new File(arguments[0])).numDataNodes(1).build();
    cluster.waitActive();
    Path folder = new Path("/shops");
    cluster.getFileSystem().mkdirs(folder);
    cluster.getFileSystem().setOwner(folder, arguments[1], "shops");
    System.out.println("rpc " + cluster.getNameNodePort());
    System.out.println("port " + cluster.getNameNode().getHttpAddress().getPort());
    // Until it is killed.
    Thread.sleep(Long.MAX_VALUE);
  }
}
